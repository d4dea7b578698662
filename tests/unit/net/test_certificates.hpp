#pragma once

#include <openssl/types.h>

#include <cstdint>
#include <memory>
#include <string>

namespace postern::net {

struct CertificateOrder {
    std::string alternative_names;  // "DNS:example.com,IP:127.0.0.1"; empty: none
    std::string common_name = "test";
    std::int64_t not_after = 4'000'000'000;  // seconds of Unix time
    enum class Role { authority, leaf } role = Role::leaf;
};

// A certificate and its key, made for one test. Who signs: another identity, or itself.
class TestIdentity {
 public:
    explicit TestIdentity(const CertificateOrder& order, const TestIdentity* issuer = nullptr);

    std::string certificate_pem() const;
    std::string key_pem() const;

    // A server's context that shows this identity; with `clients`, it asks for one they signed.
    std::shared_ptr<SSL_CTX> server_context(const TestIdentity* clients = nullptr) const;

 private:
    std::shared_ptr<EVP_PKEY> key_;
    std::shared_ptr<X509> certificate_;
};

}  // namespace postern::net
