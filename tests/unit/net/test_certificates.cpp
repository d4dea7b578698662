#include "tests/unit/net/test_certificates.hpp"

#include "core/assert.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace postern::net {
namespace {

constexpr std::int64_t kNotBefore = 1'000'000'000;  // in 2001

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
    X509V3_CTX context{};
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
    POSTERN_ASSERT(extension != nullptr);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

template <class Write>
std::string to_pem(Write write) {
    BIO* bio = BIO_new(BIO_s_mem());
    write(bio);
    char buffer[16 * 1024];
    const int size = BIO_read(bio, buffer, sizeof buffer);
    BIO_free(bio);
    POSTERN_ASSERT(size > 0);
    return {buffer, static_cast<std::size_t>(size)};
}

std::int64_t next_serial() {
    static std::int64_t serial = 1;
    return serial++;
}

}  // namespace

TestIdentity::TestIdentity(const CertificateOrder& order, const TestIdentity* issuer)
    : key_{EVP_EC_gen("P-256"), EVP_PKEY_free}, certificate_{X509_new(), X509_free} {
    X509* certificate = certificate_.get();
    X509* signer = issuer == nullptr ? certificate : issuer->certificate_.get();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set_int64(X509_get_serialNumber(certificate), next_serial());
    ASN1_TIME_set(X509_getm_notBefore(certificate), kNotBefore);
    ASN1_TIME_set(X509_getm_notAfter(certificate), order.not_after);
    const auto* name = reinterpret_cast<const unsigned char*>(order.common_name.c_str());
    X509_NAME* subject = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, name, -1, -1, 0);
    X509_set_issuer_name(certificate, X509_get_subject_name(signer));
    X509_set_pubkey(certificate, key_.get());
    const bool authority = order.role == CertificateOrder::Role::authority;
    const std::string constraint = authority ? "critical,CA:TRUE" : "critical,CA:FALSE";
    add_extension(certificate, signer, NID_basic_constraints, constraint);
    if (!order.alternative_names.empty()) {
        add_extension(certificate, signer, NID_subject_alt_name, order.alternative_names);
    }
    EVP_PKEY* signing_key = issuer == nullptr ? key_.get() : issuer->key_.get();
    POSTERN_ASSERT(X509_sign(certificate, signing_key, EVP_sha256()) > 0);
}

std::string TestIdentity::certificate_pem() const {
    return to_pem([this](BIO* bio) { PEM_write_bio_X509(bio, certificate_.get()); });
}

std::string TestIdentity::key_pem() const {
    return to_pem([this](BIO* bio) {
        PEM_write_bio_PrivateKey(bio, key_.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
}

std::shared_ptr<SSL_CTX> TestIdentity::server_context(const TestIdentity* clients) const {
    std::shared_ptr<SSL_CTX> context{SSL_CTX_new(TLS_server_method()), SSL_CTX_free};
    SSL_CTX_use_certificate(context.get(), certificate_.get());
    SSL_CTX_use_PrivateKey(context.get(), key_.get());
    const unsigned char id[] = {'t'};
    SSL_CTX_set_session_id_context(context.get(), id, sizeof id);
    if (clients != nullptr) {
        X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()), clients->certificate_.get());
        constexpr int required = SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
        SSL_CTX_set_verify(context.get(), required, nullptr);
    }
    return context;
}

}  // namespace postern::net
