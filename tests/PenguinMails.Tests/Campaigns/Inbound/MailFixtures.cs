namespace PenguinMails.Tests.Campaigns.Inbound;

/// <summary>Mail as well-known programs write it; <paramref name="To"/> was written to from <paramref name="From"/>.</summary>
internal sealed record MailFixtures(string From, string To, string MessageId)
{
    public static readonly MailFixtures Any = new("me@ours.test", "lead@theirs.example", "original-1@ours.test");

    private string Headers => $"From: Me <{From}>\nTo: {To}\nSubject: Hello\nDate: Fri, 27 Nov 2026 10:00:00 +0000\nMessage-ID: <{MessageId}>";

    public string Reply(string text = "Yes, call me.", string subject = "Re: Hello", string more = "", string? from = null) => $"""
        From: Some Lead <{from ?? To}>
        To: {From}
        Subject: {subject}
        Date: Fri, 27 Nov 2026 11:00:00 +0000
        Message-ID: <{Guid.CreateVersion7():N}@theirs.example>
        In-Reply-To: <{MessageId}>
        References: <{MessageId}>
        {more}Content-Type: text/plain; charset=utf-8

        {text}
        """.ReplaceLineEndings("\n");

    /// <summary>Written anew, by whom you like.</summary>
    public string Letter(string from, string text = "Who are you?", string more = "") => $"""
        From: {from}
        To: {From}
        Subject: A question
        Message-ID: <{Guid.CreateVersion7():N}@elsewhere.example>
        {more}Content-Type: text/plain; charset=utf-8

        {text}
        """.ReplaceLineEndings("\n");

    public string Postfix(string status = "5.1.1", string said = "550 5.1.1 <x>: Recipient address rejected: User unknown", string action = "failed") => $"""
        Return-Path: <>
        From: MAILER-DAEMON@mx.theirs.example (Mail Delivery System)
        To: {From}
        Subject: Undelivered Mail Returned to Sender
        Auto-Submitted: auto-replied
        Message-Id: <{Guid.CreateVersion7():N}@mx.theirs.example>
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=delivery-status; boundary="B1"

        --B1
        Content-Description: Notification
        Content-Type: text/plain; charset=us-ascii

        This is the mail system at host mx.theirs.example.

        --B1
        Content-Description: Delivery report
        Content-Type: message/delivery-status

        Reporting-MTA: dns; mx.theirs.example
        X-Postfix-Queue-ID: 4F1
        Arrival-Date: Fri, 27 Nov 2026 10:00:01 +0000 (UTC)

        Final-Recipient: rfc822; {To}
        Original-Recipient: rfc822;{To}
        Action: {action}
        Status: {status}
        Remote-MTA: dns; mx.theirs.example
        Diagnostic-Code: smtp; {said}

        --B1
        Content-Description: Undelivered Message Headers
        Content-Type: text/rfc822-headers

        {Headers}

        --B1--
        """.ReplaceLineEndings("\n");

    /// <summary>Old Exim: words alone.</summary>
    public string Exim() => $"""
        Return-path: <>
        From: Mail Delivery System <Mailer-Daemon@mx.theirs.example>
        To: {From}
        Subject: Mail delivery failed: returning message to sender
        Message-Id: <{Guid.CreateVersion7():N}@mx.theirs.example>
        X-Failed-Recipients: {To}

        This message was created automatically by mail delivery software.

        A message that you sent could not be delivered to one or more of its
        recipients. This is a permanent error. The following address(es) failed:

          {To}
            host mx.theirs.example [192.0.2.7]
            SMTP error from remote mail server after RCPT TO:<{To}>:
            550 No such user here

        ------ This is a copy of the message, including all the headers. ------

        Return-path: <{From}>
        {Headers}

        Hi
        """.ReplaceLineEndings("\n");

    public string Qmail() => $"""
        From: MAILER-DAEMON@mx.theirs.example
        To: {From}
        Subject: failure notice

        Hi. This is the qmail-send program at mx.theirs.example.
        I'm afraid I wasn't able to deliver your message to the following addresses.
        This is a permanent error; I've given up. Sorry it didn't work out.

        <{To}>:
        Sorry, no mailbox here by that name. (#5.1.1)

        --- Below this line is a copy of the message.

        Return-Path: <{From}>
        {Headers}

        Hi
        """.ReplaceLineEndings("\n");

    /// <summary>Exchange Online: the whole message comes back.</summary>
    public string Exchange() => $"""
        From: Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@theirs.example>
        To: {From}
        Subject: Undeliverable: Hello
        Message-ID: <{Guid.CreateVersion7():N}@theirs.example>
        In-Reply-To: <{MessageId}>
        References: <{MessageId}>
        Auto-Submitted: auto-replied
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=delivery-status; boundary="B2"

        --B2
        Content-Type: text/html; charset=utf-8

        <p>Your message to {To} couldn't be delivered.</p>

        --B2
        Content-Type: message/delivery-status

        Reporting-MTA: dns;theirs.example
        Received-From-MTA: dns;mail.ours.test

        Final-Recipient: rfc822;{To}
        Action: failed
        Status: 5.1.10
        Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient {To}
         not found by SMTP address lookup

        --B2
        Content-Type: message/rfc822

        {Headers}
        Content-Type: text/plain

        Hi

        --B2--
        """.ReplaceLineEndings("\n");

    public string Gmail(string said = "550-5.1.1 The email account that you tried to reach does not exist.") => $"""
        From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>
        To: {From}
        Auto-Submitted: auto-replied
        Subject: Delivery Status Notification (Failure)
        References: <{MessageId}>
        In-Reply-To: <{MessageId}>
        X-Failed-Recipients: {To}
        Message-ID: <{Guid.CreateVersion7():N}.x@mx.google.com>
        Content-Type: multipart/report; boundary="B3"; report-type=delivery-status

        --B3
        Content-Type: text/plain; charset="UTF-8"

        ** Address not found **

        --B3
        Content-Type: message/delivery-status

        Reporting-MTA: dns; googlemail.com
        Arrival-Date: Fri, 27 Nov 2026 02:00:00 -0800 (PST)

        Final-Recipient: rfc822; {To}
        Action: failed
        Status: 5.0.0
        Diagnostic-Code: smtp; {said}
        Last-Attempt-Date: Fri, 27 Nov 2026 02:00:01 -0800 (PST)

        --B3
        Content-Type: message/rfc822

        {Headers}

        Hi

        --B3--
        """.ReplaceLineEndings("\n");

    /// <summary>A feedback loop's (RFC 5965).</summary>
    public string Complaint(string type = "abuse") => $"""
        From: <fbl@provider.example>
        To: {From}
        Subject: FW: Hello
        Message-ID: <{Guid.CreateVersion7():N}@provider.example>
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=feedback-report; boundary="B4"

        --B4
        Content-Type: text/plain

        This is an email abuse report.

        --B4
        Content-Type: message/feedback-report

        Feedback-Type: {type}
        User-Agent: SomeGenerator/1.0
        Version: 1
        Original-Rcpt-To: <{To}>

        --B4
        Content-Type: message/rfc822

        {Headers}

        Hi

        --B4--
        """.ReplaceLineEndings("\n");
}
