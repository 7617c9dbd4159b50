-- Which address a message left from, so that later opens, bounces and complaints find it. Null: from the mailbox's own server.
ALTER TABLE content.email_messages ADD COLUMN smtp_ip_address_id UUID;
