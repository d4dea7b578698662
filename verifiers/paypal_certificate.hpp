#pragma once

#include "core/crypto.hpp"
#include "core/settings.hpp"
#include "verifiers/provider.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The request names the certificate it was signed with. Who may be asked for it and what makes it
// PayPal's is decided here.
namespace postern::verifiers {

// https, no user, default port and exactly one of the hosts: everything else is a stranger's way
// to make us fetch something, or to show us a certificate of his own.
bool is_allowed_certificate_url(std::string_view url, const std::vector<std::string>& hosts);

struct PaypalCertificateSource {
    std::string_view url;
    const FetchedDocument* fetched = nullptr;
    TimePoint now;
};

class PaypalCertificates {
 public:
    struct Options {
        std::vector<std::string> allowed_hosts;
        std::string common_name_suffix;  // with its dot, lower case
        std::vector<Certificate> roots;
        // A sandbox's own certificates by URL: these are never fetched.
        std::map<std::string, std::string, std::less<>> sandbox;
    };

    explicit PaypalCertificates(Options options);

    std::optional<Fetch> fetch_for(std::string_view url) const;
    // nullopt: no such certificate, or not one to believe.
    std::optional<PublicKey> key_for(const PaypalCertificateSource& source) const;

 private:
    Options options_;
};

// Reads allowed_cert_hosts, cert_cn_suffix, trusted_roots and sandbox_certificates.
PaypalCertificates read_paypal_certificates(SettingsReader& reader);

}  // namespace postern::verifiers
