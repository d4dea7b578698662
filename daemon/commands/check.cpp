#include "daemon/commands/check.hpp"

#include "config/redacted.hpp"

namespace postern::daemon::commands {

std::string summary_of(const config::Config& config, std::span<const ResolvedGateway> gateways) {
    std::string text = config::to_redacted_toml(config);
    text += "\n# Gateways\n";
    for (const ResolvedGateway& resolved : gateways) {
        const config::Gateway& gateway = resolved.gateway;
        text += "#   ";
        text += gateway.id;
        text += ": ";
        text += resolved.kind->display_name;
        text += ", ";
        text += config::to_text(gateway.mode);
        if (!gateway.enabled) text += ", disabled";
        text += ", ";
        text += webhook_url(config, gateway.id);
        text += '\n';
    }
    text += "# The configuration is in order.\n";
    return text;
}

int run_check(const ConfigOptions& options) {
    const auto config = load_config(options);
    if (!config) return complain_of_all(config.error());
    const auto gateways = make_gateway_settings(
        *config,
        {.data_dir = config->data_dir,
         .kinds = verifiers::provider_kinds(),
         .missing = MissingSecrets::invent}
    );
    if (!gateways) return complain_of_all(gateways.error());
    print(summary_of(*config, *gateways));
    return kExitFine;
}

}  // namespace postern::daemon::commands
