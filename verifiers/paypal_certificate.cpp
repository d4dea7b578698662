#include "verifiers/paypal_certificate.hpp"

#include "core/http_message.hpp"

#include <algorithm>
#include <utility>

namespace postern::verifiers {
namespace {

constexpr std::string_view kScheme = "https://";
constexpr std::string_view kDefaultPort = ":443";
constexpr std::size_t kUrlBytesMax = 2048;

bool is_plain_url_character(char c) {
    return c > ' ' && c < '\x7f' && c != '\\';
}

std::vector<std::string> read_hosts(SettingsReader& reader) {
    constexpr std::string_view setting = "allowed_cert_hosts";
    if (!reader.has(setting)) {
        reader.texts(setting);
        return {
            "api.paypal.com",
            "api-m.paypal.com",
            "api.sandbox.paypal.com",
            "api-m.sandbox.paypal.com"};
    }
    std::vector<std::string> hosts = reader.required_texts(setting);
    for (std::string& host : hosts) host = to_lower(host);
    return hosts;
}

std::string read_suffix(SettingsReader& reader) {
    constexpr std::string_view setting = "cert_cn_suffix";
    std::string suffix = to_lower(reader.text(setting, ".paypal.com"));
    // Without its dot "paypal.com" would also end "notpaypal.com".
    if (suffix.size() < 2 || suffix.front() != '.') {
        reader.complain(setting, "must begin with a dot, as in .paypal.com");
    }
    return suffix;
}

std::vector<Certificate> read_roots(SettingsReader& reader) {
    constexpr std::string_view setting = "trusted_roots";
    if (!reader.has(setting)) {
        reader.texts(setting);
        return system_trust_roots();
    }
    std::vector<Certificate> roots;
    for (const std::string& pem : reader.required_texts(setting)) {
        auto parsed = Certificate::parse_chain(pem);
        if (!parsed) {
            reader.complain(setting, parsed.error().message);
            continue;
        }
        for (Certificate& root : *parsed) roots.push_back(std::move(root));
    }
    return roots;
}

std::map<std::string, std::string, std::less<>> read_sandbox(SettingsReader& reader) {
    constexpr std::string_view setting = "sandbox_certificates";
    std::map<std::string, std::string, std::less<>> certificates;
    const auto table = reader.table(setting);
    if (!table) return certificates;
    for (const auto& [url, value] : *table) {
        const auto* pem = std::get_if<std::string>(&value.value);
        if (pem == nullptr) {
            reader.complain(setting, "must map URLs to certificates in PEM");
            continue;
        }
        certificates.emplace(url, *pem);
    }
    return certificates;
}

}  // namespace

bool is_allowed_certificate_url(std::string_view url, const std::vector<std::string>& hosts) {
    if (url.size() > kUrlBytesMax) return false;
    if (!std::all_of(url.begin(), url.end(), is_plain_url_character)) return false;
    if (!equal_ignoring_case(url.substr(0, kScheme.size()), kScheme)) return false;
    url.remove_prefix(kScheme.size());
    std::string_view authority = url.substr(0, url.find_first_of("/?#"));
    if (authority.ends_with(kDefaultPort)) authority.remove_suffix(kDefaultPort.size());
    // A user or another port makes the authority differ from every host.
    const std::string host = to_lower(authority);
    return std::find(hosts.begin(), hosts.end(), host) != hosts.end();
}

PaypalCertificates::PaypalCertificates(Options options) : options_{std::move(options)} {}

std::optional<Fetch> PaypalCertificates::fetch_for(std::string_view url) const {
    if (!is_allowed_certificate_url(url, options_.allowed_hosts)) return std::nullopt;
    if (options_.sandbox.contains(url)) return std::nullopt;
    return Fetch{
        .url = std::string{url},
        .authorization = {},
        .keep = Fetch::Keep::until_not_after,
        .allowed_hosts = options_.allowed_hosts};
}

std::optional<PublicKey> PaypalCertificates::key_for(const PaypalCertificateSource& source) const {
    if (!is_allowed_certificate_url(source.url, options_.allowed_hosts)) return std::nullopt;
    std::string_view pem;
    const auto known = options_.sandbox.find(source.url);
    if (known != options_.sandbox.end()) {
        pem = known->second;
    } else if (source.fetched != nullptr && source.fetched->status == 200) {
        pem = source.fetched->body;
    }
    const auto chain = Certificate::parse_chain(pem);
    if (!chain) return std::nullopt;
    const Certificate& leaf = chain->front();
    const std::string common_name = to_lower(leaf.common_name());
    if (!common_name.ends_with(options_.common_name_suffix)) return std::nullopt;
    // Also checks that every certificate of the path is valid now.
    if (!chain_is_trusted(*chain, options_.roots, source.now)) return std::nullopt;
    return leaf.public_key();
}

PaypalCertificates read_paypal_certificates(SettingsReader& reader) {
    return PaypalCertificates{
        {.allowed_hosts = read_hosts(reader),
         .common_name_suffix = read_suffix(reader),
         .roots = read_roots(reader),
         .sandbox = read_sandbox(reader)}};
}

}  // namespace postern::verifiers
