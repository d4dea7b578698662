#include "daemon/sandbox_settings.hpp"

#include "config/files.hpp"
#include "config/redacted.hpp"
#include "core/json_document.hpp"
#include "core/json_writer.hpp"
#include "daemon/payment_side.hpp"
#include "daemon/private_files.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace postern::daemon {
namespace {

constexpr std::string_view kUrlKey = "notification_url";
// The providers whose signature covers the URL they call.
constexpr std::array<std::string_view, 3> kUrlSigningKinds = {"square", "afterpay", "generic_hmac"};

Complaint about(const config::Gateway& gateway, std::string_view problem) {
    std::string message = "gateway \"";
    message += gateway.id;
    message += "\": ";
    message += problem;
    return Complaint{std::move(message)};
}

enum class Lookup { found, absent, broken };

struct Kept {
    Lookup lookup = Lookup::absent;
    SettingTable settings;
};

Kept read_kept(const std::filesystem::path& path, std::string_view kind) {
    std::error_code error;
    if (!std::filesystem::exists(path, error) && !error) return {.lookup = Lookup::absent};
    const auto text = config::read_whole_file(path);
    if (!text) return {.lookup = Lookup::broken};
    const auto document = JsonDocument::parse(*text);
    if (!document) return {.lookup = Lookup::broken};
    // The id now names a gateway of another kind, to which these secrets mean nothing.
    if (document->root()["kind"].string() != kind) return {.lookup = Lookup::absent};
    auto settings = settings_from_json(document->root()["settings"]);
    if (!settings) return {.lookup = Lookup::broken};
    return {.lookup = Lookup::found, .settings = std::move(*settings)};
}

std::optional<Complaint>
keep(const std::filesystem::path& path, std::string_view kind, const SettingTable& settings) {
    std::string text;
    JsonWriter writer{text};
    writer.begin_object();
    writer.member("kind", kind);
    writer.key("settings");
    writer.raw(settings_to_json(settings));
    writer.end_object();
    text += '\n';
    if (auto complaint = make_private_folder(path.parent_path())) return complaint;
    return write_private_file(path, text);
}

Result<SettingTable, Complaint> sandbox_secrets(
    const config::Gateway& gateway,
    const verifiers::ProviderKind& kind,
    const GatewaySources& sources
) {
    const auto path = sandbox_secrets_path(sources.data_dir, gateway.id);
    Kept kept = read_kept(path, kind.name);
    switch (kept.lookup) {
        case Lookup::found: return std::move(kept.settings);
        case Lookup::broken:
            return about(gateway, path.string() + " cannot be read; mend or remove it");
        case Lookup::absent: break;
    }
    if (sources.missing == MissingSecrets::refuse) {
        return about(
            gateway,
            "has no secrets in " + path.string()
                + "; start `postern serve` with this data directory first"
        );
    }
    SettingTable made = kind.sandbox_settings();
    if (sources.missing == MissingSecrets::create) {
        if (auto complaint = keep(path, kind.name, made)) return std::move(*complaint);
    }
    return made;
}

// Whoever gave one secret meant to give them all: random ones beside it would hide what is
// missing. Numbers and switches are no secrets.
bool gives_a_secret(const SettingTable& settings) {
    return std::any_of(settings.begin(), settings.end(), [](const auto& entry) {
        return config::may_be_secret(entry.first)
               && !std::holds_alternative<std::int64_t>(entry.second.value)
               && !std::holds_alternative<bool>(entry.second.value);
    });
}

Result<SettingTable, Complaint> with_sandbox_secrets(
    const config::Gateway& gateway,
    const verifiers::ProviderKind& kind,
    const GatewaySources& sources
) {
    SettingTable settings = gateway.settings;
    if (gives_a_secret(settings)) return settings;
    auto secrets = sandbox_secrets(gateway, kind, sources);
    if (!secrets) return secrets.error();
    settings.merge(*secrets);  // what is configured stays
    return settings;
}

void set_default_url(config::Gateway& gateway, const config::Config& config) {
    const bool signs_url = std::find(kUrlSigningKinds.begin(), kUrlSigningKinds.end(), gateway.kind)
                           != kUrlSigningKinds.end();
    const bool url_is_known = !config.public_url.empty() || gateway.mode == config::Mode::sandbox;
    if (!signs_url || !url_is_known || gateway.settings.contains(kUrlKey)) return;
    gateway.settings.emplace(kUrlKey, SettingValue{webhook_url(config, gateway.id)});
}

std::string unknown_kind(std::string_view name, std::span<const verifiers::ProviderKind> kinds) {
    std::set<std::string, std::less<>> names;
    for (const verifiers::ProviderKind& kind : kinds) names.emplace(kind.name);
    std::string problem = "kind is not one that this program knows";
    if (const auto likely = closest(name, names)) {
        problem += "; did you mean ";
        problem += *likely;
        problem += '?';
    }
    return problem;
}

}  // namespace

std::filesystem::path
sandbox_secrets_path(const std::filesystem::path& data_dir, std::string_view gateway_id) {
    std::string name{gateway_id};
    name += ".json";
    return data_dir / "sandbox" / name;
}

std::vector<config::Gateway>
gateways_of(const config::Config& config, std::span<const verifiers::ProviderKind> kinds) {
    if (!config.gateways.empty()) return config.gateways;
    std::vector<config::Gateway> gateways;
    for (const verifiers::ProviderKind& kind : kinds) {
        gateways.push_back({.id = std::string{kind.name}, .kind = std::string{kind.name}});
    }
    return gateways;
}

std::string webhook_url(const config::Config& config, std::string_view gateway_id) {
    std::string url = config.public_url;
    if (url.empty()) {
        const bool speaks_tls = config.tls.enabled() && !config.tls.listen;
        url = speaks_tls ? "https://" : "http://";
        url += config::to_text(config.listen);
    }
    url += "/api/v2/webhooks/";
    url += gateway_id;
    return url;
}

Result<ResolvedGateway, Complaint> resolve_gateway(
    const config::Config& config,
    config::Gateway gateway,
    const GatewaySources& sources
) {
    const auto kind = std::find_if(
        sources.kinds.begin(),
        sources.kinds.end(),
        [&gateway](const verifiers::ProviderKind& candidate) {
            return candidate.name == gateway.kind;
        }
    );
    if (kind == sources.kinds.end()) {
        return about(gateway, unknown_kind(gateway.kind, sources.kinds));
    }
    const bool nothing_given = gateway.settings.empty();
    set_default_url(gateway, config);
    const bool complete = !nothing_given && kind->make(gateway.settings).has_value();
    if (gateway.mode == config::Mode::sandbox && !complete) {
        auto settings = with_sandbox_secrets(gateway, *kind, sources);
        if (!settings) return settings.error();
        gateway.settings = std::move(*settings);
    }
    auto provider = kind->make(gateway.settings);
    if (!provider) return about(gateway, provider.error().message);
    return ResolvedGateway{
        .gateway = std::move(gateway), .kind = &*kind, .provider = std::move(*provider)};
}

Result<std::vector<ResolvedGateway>, std::vector<Complaint>>
make_gateway_settings(const config::Config& config, const GatewaySources& sources) {
    std::vector<ResolvedGateway> resolved;
    std::vector<Complaint> complaints;
    std::vector<config::Gateway> gateways = gateways_of(config, sources.kinds);
    if (auto complaint = PaymentSide::complaint_about_default(config.payments, gateways)) {
        complaints.push_back(std::move(*complaint));
    }
    for (config::Gateway& gateway : gateways) {
        auto one = resolve_gateway(config, std::move(gateway), sources);
        if (one) {
            resolved.push_back(std::move(*one));
        } else {
            complaints.push_back(one.error());
        }
    }
    if (!complaints.empty()) return complaints;
    return resolved;
}

}  // namespace postern::daemon
