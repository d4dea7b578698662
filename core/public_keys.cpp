#include "core/assert.hpp"
#include "core/bytes.hpp"
#include "core/crypto.hpp"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <utility>

namespace postern {
namespace {

template <class T, void (*Free)(T*)>
struct FreeWith {
    void operator()(T* object) const { Free(object); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY, EVP_PKEY_free>>;
using X509Handle = std::unique_ptr<X509, FreeWith<X509, X509_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, FreeWith<EVP_MD_CTX, EVP_MD_CTX_free>>;
using Store = std::unique_ptr<X509_STORE, FreeWith<X509_STORE, X509_STORE_free>>;
using StoreContext = std::unique_ptr<X509_STORE_CTX, FreeWith<X509_STORE_CTX, X509_STORE_CTX_free>>;

void free_bio(BIO* bio) {
    BIO_free(bio);
}
using Bio = std::unique_ptr<BIO, FreeWith<BIO, free_bio>>;

Bio read_from(std::string_view text) {
    return Bio{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
}

std::string take_text(BIO* bio) {
    char* data = nullptr;
    const long length = BIO_get_mem_data(bio, &data);
    return {data, static_cast<std::size_t>(length)};
}

const EVP_MD* digest_of(HashAlgorithm algorithm) {
    switch (algorithm) {
        case HashAlgorithm::sha1: return EVP_sha1();
        case HashAlgorithm::sha256: return EVP_sha256();
        case HashAlgorithm::sha512: return EVP_sha512();
    }
    return nullptr;
}

Key parse_pem_public(std::string_view text) {
    if (text.find("BEGIN CERTIFICATE") != std::string_view::npos) {
        const Bio bio = read_from(text);
        const X509Handle certificate{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)};
        return Key{certificate ? X509_get_pubkey(certificate.get()) : nullptr};
    }
    const Bio bio = read_from(text);
    Key key{PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr)};
    if (key) return key;
    const Bio again = read_from(text);
    // PKCS#1 ("RSA PUBLIC KEY") has no PEM reader that is not deprecated: unwrap it by hand.
    char* name = nullptr;
    char* header = nullptr;
    unsigned char* data = nullptr;
    long length = 0;
    if (PEM_read_bio(again.get(), &name, &header, &data, &length) != 1) return nullptr;
    const unsigned char* cursor = data;
    key.reset(d2i_PublicKey(EVP_PKEY_RSA, nullptr, &cursor, length));
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_free(data);
    return key;
}

Key parse_bare_base64(std::string_view text) {
    std::string compact;
    for (const char c : text) {
        if (c != ' ' && c != '\n' && c != '\r' && c != '\t') compact += c;
    }
    const auto der = from_base64(compact);
    if (!der) return nullptr;
    const unsigned char* cursor = as_bytes(*der);
    return Key{d2i_PUBKEY(nullptr, &cursor, static_cast<long>(der->size()))};
}

TimePoint to_time_point(const ASN1_TIME* time) {
    std::tm parts{};
    POSTERN_ASSERT(ASN1_TIME_to_tm(time, &parts) == 1);
    return from_unix_seconds(timegm(&parts));
}

// OpenSSL parses a certificate lazily: a month of 99 or a key of no known kind shows only when it
// is asked for. Strangers write certificates, so we ask before anybody relies on an answer.
bool is_readable(X509* x509) {
    std::tm parts{};
    const Key key{X509_get_pubkey(x509)};
    return key != nullptr && ASN1_TIME_to_tm(X509_get0_notBefore(x509), &parts) == 1
           && ASN1_TIME_to_tm(X509_get0_notAfter(x509), &parts) == 1;
}

bool verify_digest(
    EVP_PKEY* key,
    const EVP_MD* digest,
    Pieces message,
    std::string_view signature
) {
    const DigestContext context{EVP_MD_CTX_new()};
    if (EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key) != 1) return false;
    for (const std::string_view piece : message) {
        if (EVP_DigestVerifyUpdate(context.get(), piece.data(), piece.size()) != 1) return false;
    }
    const int verdict = EVP_DigestVerifyFinal(context.get(), as_bytes(signature), signature.size());
    ERR_clear_error();
    return verdict == 1;
}

}  // namespace

struct PublicKey::Handle {
    Key key;
};
struct PrivateKey::Handle {
    Key key;
};
struct Certificate::Handle {
    X509Handle x509;
};

PublicKey::PublicKey(std::unique_ptr<Handle> handle) : handle_{std::move(handle)} {}
PublicKey::PublicKey(PublicKey&&) noexcept = default;
PublicKey& PublicKey::operator=(PublicKey&&) noexcept = default;
PublicKey::~PublicKey() = default;

Result<PublicKey, Complaint> PublicKey::parse(std::string_view text) {
    const bool pem = text.find("-----BEGIN") != std::string_view::npos;
    Key key = pem ? parse_pem_public(text) : parse_bare_base64(text);
    ERR_clear_error();
    if (!key) {
        return Complaint{"not a public key: expected PEM, a certificate, or base64 of an SPKI"};
    }
    return PublicKey{std::make_unique<Handle>(Handle{std::move(key)})};
}

Result<PublicKey, Complaint> PublicKey::ed25519(std::string_view raw_32_bytes) {
    Key key{EVP_PKEY_new_raw_public_key(
        EVP_PKEY_ED25519, nullptr, as_bytes(raw_32_bytes), raw_32_bytes.size()
    )};
    ERR_clear_error();
    if (!key) return Complaint{"not an ed25519 public key: expected 32 bytes"};
    return PublicKey{std::make_unique<Handle>(Handle{std::move(key)})};
}

bool PublicKey::verify(HashAlgorithm algorithm, Pieces message, std::string_view signature) const {
    return verify_digest(handle_->key.get(), digest_of(algorithm), message, signature);
}

bool PublicKey::verify_ed25519(std::string_view message, std::string_view signature) const {
    const DigestContext context{EVP_MD_CTX_new()};
    EVP_PKEY* key = handle_->key.get();
    if (EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key) != 1) return false;
    const int verdict = EVP_DigestVerify(
        context.get(), as_bytes(signature), signature.size(), as_bytes(message), message.size()
    );
    ERR_clear_error();
    return verdict == 1;
}

PrivateKey::PrivateKey(std::unique_ptr<Handle> handle) : handle_{std::move(handle)} {}
PrivateKey::PrivateKey(PrivateKey&&) noexcept = default;
PrivateKey& PrivateKey::operator=(PrivateKey&&) noexcept = default;
PrivateKey::~PrivateKey() = default;

Result<PrivateKey, Complaint> PrivateKey::parse(std::string_view pem) {
    const Bio bio = read_from(pem);
    Key key{PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr)};
    ERR_clear_error();
    if (!key) return Complaint{"not a private key in PEM"};
    return PrivateKey{std::make_unique<Handle>(Handle{std::move(key)})};
}

PrivateKey PrivateKey::generate_rsa_2048() {
    Key key{EVP_RSA_gen(2048)};
    POSTERN_ASSERT(key != nullptr);
    return PrivateKey{std::make_unique<Handle>(Handle{std::move(key)})};
}

Result<PrivateKey, Complaint> PrivateKey::ed25519(std::string_view raw_32_byte_seed) {
    Key key{EVP_PKEY_new_raw_private_key(
        EVP_PKEY_ED25519, nullptr, as_bytes(raw_32_byte_seed), raw_32_byte_seed.size()
    )};
    ERR_clear_error();
    if (!key) return Complaint{"not an ed25519 seed: expected 32 bytes"};
    return PrivateKey{std::make_unique<Handle>(Handle{std::move(key)})};
}

std::string PrivateKey::sign(HashAlgorithm algorithm, Pieces message) const {
    const DigestContext context{EVP_MD_CTX_new()};
    EVP_PKEY* key = handle_->key.get();
    POSTERN_ASSERT(
        EVP_DigestSignInit(context.get(), nullptr, digest_of(algorithm), nullptr, key) == 1
    );
    for (const std::string_view piece : message) {
        POSTERN_ASSERT(EVP_DigestSignUpdate(context.get(), piece.data(), piece.size()) == 1);
    }
    std::size_t length = 0;
    POSTERN_ASSERT(EVP_DigestSignFinal(context.get(), nullptr, &length) == 1);
    std::string signature(length, '\0');
    auto* out = reinterpret_cast<unsigned char*>(signature.data());
    POSTERN_ASSERT(EVP_DigestSignFinal(context.get(), out, &length) == 1);
    signature.resize(length);
    return signature;
}

std::string PrivateKey::sign_ed25519(std::string_view message) const {
    const DigestContext context{EVP_MD_CTX_new()};
    EVP_PKEY* key = handle_->key.get();
    POSTERN_ASSERT(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key) == 1);
    std::string signature(64, '\0');
    std::size_t length = signature.size();
    auto* out = reinterpret_cast<unsigned char*>(signature.data());
    POSTERN_ASSERT(
        EVP_DigestSign(context.get(), out, &length, as_bytes(message), message.size()) == 1
    );
    return signature;
}

std::string PrivateKey::to_pem() const {
    const Bio bio{BIO_new(BIO_s_mem())};
    EVP_PKEY* key = handle_->key.get();
    POSTERN_ASSERT(
        PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1
    );
    return take_text(bio.get());
}

std::string PrivateKey::public_key_pem() const {
    const Bio bio{BIO_new(BIO_s_mem())};
    POSTERN_ASSERT(PEM_write_bio_PUBKEY(bio.get(), handle_->key.get()) == 1);
    return take_text(bio.get());
}

std::string PrivateKey::ed25519_public_bytes() const {
    std::string bytes(32, '\0');
    std::size_t length = bytes.size();
    auto* out = reinterpret_cast<unsigned char*>(bytes.data());
    POSTERN_ASSERT(EVP_PKEY_get_raw_public_key(handle_->key.get(), out, &length) == 1);
    return bytes;
}

Certificate::Certificate(std::unique_ptr<Handle> handle) : handle_{std::move(handle)} {}
Certificate::Certificate(Certificate&&) noexcept = default;
Certificate& Certificate::operator=(Certificate&&) noexcept = default;
Certificate::~Certificate() = default;

Result<std::vector<Certificate>, Complaint> Certificate::parse_chain(std::string_view pem) {
    std::vector<Certificate> chain;
    const Bio bio = read_from(pem);
    for (;;) {
        X509Handle x509{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)};
        if (!x509) break;
        if (!is_readable(x509.get())) {
            ERR_clear_error();
            return Complaint{"a certificate with a key or a time that cannot be read"};
        }
        chain.push_back(Certificate{std::make_unique<Handle>(Handle{std::move(x509)})});
    }
    ERR_clear_error();
    if (chain.empty()) return Complaint{"no certificate in PEM found"};
    return chain;
}

std::string Certificate::make_self_signed_pem(const PrivateKey& key, const SelfSigned& wanted) {
    const X509Handle x509{X509_new()};
    EVP_PKEY* pkey = key.handle_->key.get();
    X509_set_version(x509.get(), X509_VERSION_3);
    const std::string serial = random_bytes(15);
    BIGNUM* number = BN_bin2bn(as_bytes(serial), static_cast<int>(serial.size()), nullptr);
    BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x509.get()));
    BN_free(number);
    ASN1_TIME_set(X509_getm_notBefore(x509.get()), unix_seconds(wanted.not_before));
    ASN1_TIME_set(X509_getm_notAfter(x509.get()), unix_seconds(wanted.not_after));
    X509_NAME* name = X509_get_subject_name(x509.get());
    X509_NAME_add_entry_by_txt(
        name,
        "CN",
        MBSTRING_UTF8,
        as_bytes(wanted.common_name),
        static_cast<int>(wanted.common_name.size()),
        -1,
        0
    );
    X509_set_issuer_name(x509.get(), name);
    X509_set_pubkey(x509.get(), pkey);
    POSTERN_ASSERT(X509_sign(x509.get(), pkey, EVP_sha256()) != 0);
    const Bio bio{BIO_new(BIO_s_mem())};
    POSTERN_ASSERT(PEM_write_bio_X509(bio.get(), x509.get()) == 1);
    return take_text(bio.get());
}

PublicKey Certificate::public_key() const {
    Key key{X509_get_pubkey(handle_->x509.get())};
    POSTERN_ASSERT(key != nullptr);
    return PublicKey{std::make_unique<PublicKey::Handle>(PublicKey::Handle{std::move(key)})};
}

std::string Certificate::common_name() const {
    const X509_NAME* name = X509_get_subject_name(handle_->x509.get());
    const int index = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
    if (index < 0) return {};
    const ASN1_STRING* data = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, index));
    unsigned char* utf8 = nullptr;
    const int length = ASN1_STRING_to_UTF8(&utf8, data);
    if (length < 0) return {};
    std::string text{as_text({utf8, static_cast<std::size_t>(length)})};
    OPENSSL_free(utf8);
    return text;
}

std::string Certificate::serial_hex() const {
    const ASN1_INTEGER* serial = X509_get0_serialNumber(handle_->x509.get());
    BIGNUM* number = ASN1_INTEGER_to_BN(serial, nullptr);
    char* hex = BN_bn2hex(number);
    std::string text{hex};
    OPENSSL_free(hex);
    BN_free(number);
    return text;
}

TimePoint Certificate::not_before() const {
    return to_time_point(X509_get0_notBefore(handle_->x509.get()));
}

TimePoint Certificate::not_after() const {
    return to_time_point(X509_get0_notAfter(handle_->x509.get()));
}

bool chain_is_trusted(
    const std::vector<Certificate>& chain,
    const std::vector<Certificate>& roots,
    TimePoint now
) {
    if (chain.empty()) return false;
    const Store store{X509_STORE_new()};
    for (const Certificate& root : roots) {
        X509_STORE_add_cert(store.get(), root.handle_->x509.get());
    }
    STACK_OF(X509)* between = sk_X509_new_null();
    for (std::size_t i = 1; i < chain.size(); ++i) {
        sk_X509_push(between, chain[i].handle_->x509.get());
    }
    const StoreContext context{X509_STORE_CTX_new()};
    X509_STORE_CTX_init(context.get(), store.get(), chain.front().handle_->x509.get(), between);
    X509_STORE_CTX_set_time(context.get(), 0, unix_seconds(now));
    const bool trusted = X509_verify_cert(context.get()) == 1;
    sk_X509_free(between);
    ERR_clear_error();
    return trusted;
}

std::vector<Certificate> system_trust_roots() {
    std::vector<Certificate> roots;
    const Bio bio{BIO_new_file(X509_get_default_cert_file(), "r")};
    const Bio debian{BIO_new_file("/etc/ssl/certs/ca-certificates.crt", "r")};
    for (BIO* source : {bio.get(), debian.get()}) {
        while (source != nullptr && roots.size() < 1000) {
            X509Handle x509{PEM_read_bio_X509(source, nullptr, nullptr, nullptr)};
            if (!x509) break;
            roots.push_back(Certificate{
                std::make_unique<Certificate::Handle>(Certificate::Handle{std::move(x509)})});
        }
    }
    ERR_clear_error();
    return roots;
}

}  // namespace postern
