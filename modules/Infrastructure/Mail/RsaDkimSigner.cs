using System.Security.Cryptography;
using System.Text;
using MimeKit;
using MimeKit.Cryptography;
using Org.BouncyCastle.Crypto;

namespace PenguinMails.Infrastructure.Mail;

/// <summary>
/// MimeKit's DKIM with the platform's RSA underneath: MimeKit canonicalises and hashes, but its own signer takes 10.8 ms for
/// a signature of 2048 bits where the platform takes 0.4 ms.
/// </summary>
internal sealed class RsaDkimSigner : DkimSigner
{
    private static readonly string[] SignedHeaders =
        ["From", "To", "Subject", "Date", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post"];

    private readonly RSA _key = RSA.Create();
    private readonly TimeProvider _clock;

    /// <param name="key">A private key, PEM.</param>
    public RsaDkimSigner(string key, string domain, string selector, TimeProvider clock)
        : base(new MemoryStream(Encoding.ASCII.GetBytes(key)), domain, selector)
    {
        _clock = clock;
        _key.ImportFromPem(key);
        HeaderCanonicalizationAlgorithm = DkimCanonicalizationAlgorithm.Relaxed;
        BodyCanonicalizationAlgorithm = DkimCanonicalizationAlgorithm.Relaxed;
    }

    /// <summary>Encodes the message for 7 bits, which no server on its way has to change, and adds the signature.</summary>
    public void Sign(MimeMessage message)
    {
        message.Prepare(EncodingConstraint.SevenBit);
        Sign(message, SignedHeaders);
    }

    protected override long GetTimestamp() => _clock.GetUtcNow().ToUnixTimeSeconds();

    protected override ISigner CreateSigningContext() => new Signing(_key);

    private sealed class Signing(RSA key) : ISigner
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        public string AlgorithmName => "SHA-256withRSA";

        public int GetMaxSignatureSize() => key.KeySize / 8;

        public void Update(byte input) => _hash.AppendData([input]);

        public void BlockUpdate(byte[] input, int inOff, int inLen) => _hash.AppendData(input, inOff, inLen);

        public void BlockUpdate(ReadOnlySpan<byte> input) => _hash.AppendData(input);

        public byte[] GenerateSignature()
        {
            var hash = _hash.GetHashAndReset();
            _hash.Dispose();
            // One key serves all threads of its domain, and RSA does not promise to.
            lock (key)
            {
                return key.SignHash(hash, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            }
        }

        public void Reset() => _hash.GetHashAndReset();

        public void Init(bool forSigning, ICipherParameters parameters) => throw new NotSupportedException();

        public bool VerifySignature(byte[] signature) => throw new NotSupportedException();
    }
}
