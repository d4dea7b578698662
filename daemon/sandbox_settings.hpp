#pragma once

#include "config/config.hpp"
#include "core/result.hpp"
#include "verifiers/registry.hpp"

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace postern::daemon {

// A gateway with the settings it really has, and the provider made of them.
struct ResolvedGateway {
    config::Gateway gateway;
    const verifiers::ProviderKind* kind = nullptr;
    std::unique_ptr<verifiers::Provider> provider;
};

// What to do for a sandbox gateway whose secrets were never made.
enum class MissingSecrets {
    create,  // make and keep them: the daemon
    invent,  // make and forget them: to see whether everything else is right
    refuse,  // complain: whoever must agree with a running daemon
};

struct GatewaySources {
    std::filesystem::path data_dir;
    std::span<const verifiers::ProviderKind> kinds;
    MissingSecrets missing = MissingSecrets::create;
};

// Where the secrets of a sandbox gateway are that made its own.
std::filesystem::path
sandbox_secrets_path(const std::filesystem::path& data_dir, std::string_view gateway_id);

// The configured gateways or, when there are none, a sandbox gateway of every kind.
std::vector<config::Gateway>
gateways_of(const config::Config& config, std::span<const verifiers::ProviderKind> kinds);

// Where providers reach a gateway, as those sign it that sign the URL.
std::string webhook_url(const config::Config& config, std::string_view gateway_id);

Result<ResolvedGateway, Complaint> resolve_gateway(
    const config::Config& config,
    config::Gateway gateway,
    const GatewaySources& sources
);

// Every gateway, or what is wrong with each that cannot be used.
Result<std::vector<ResolvedGateway>, std::vector<Complaint>>
make_gateway_settings(const config::Config& config, const GatewaySources& sources);

}  // namespace postern::daemon
