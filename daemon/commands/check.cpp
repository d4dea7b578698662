#include "daemon/commands/check.hpp"

#include "config/redacted.hpp"
#include "core/json_writer.hpp"
#include "daemon/reload.hpp"

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

std::string summary_json(const config::Config& config, std::span<const ResolvedGateway> gateways) {
    std::string json;
    JsonWriter writer{json};
    writer.begin_object();
    writer.member_boolean("in_order", true);
    writer.key("gateways");
    writer.begin_array();
    for (const ResolvedGateway& resolved : gateways) {
        const config::Gateway& gateway = resolved.gateway;
        writer.begin_object();
        writer.member("id", gateway.id);
        writer.member("kind", resolved.kind->name);
        writer.member("mode", config::to_text(gateway.mode));
        writer.member_boolean("enabled", gateway.enabled);
        writer.member("webhook_url", webhook_url(config, gateway.id));
        writer.end_object();
    }
    writer.end_array();
    writer.end_object();
    json += '\n';
    return json;
}

std::string complaints_json(std::span<const Complaint> complaints) {
    std::string json;
    JsonWriter writer{json};
    writer.begin_object();
    writer.member_boolean("in_order", complaints.empty());
    writer.key("complaints");
    writer.begin_array();
    for (const Complaint& complaint : complaints) writer.string(complaint.message);
    writer.end_array();
    writer.end_object();
    json += '\n';
    return json;
}

int report_complaints(std::span<const Complaint> complaints, Output output) {
    if (output == Output::text) return complain_of_all(complaints);
    print(complaints_json(complaints));
    return complaints.empty() ? kExitFine : kExitFailed;
}

int run_check(const CheckOptions& options) {
    const auto config = load_config(options.config);
    if (!config) return report_complaints(config.error(), options.output);
    if (const auto complaints = complaints_about(*config); !complaints.empty()) {
        return report_complaints(complaints, options.output);
    }
    const auto gateways = make_gateway_settings(
        *config,
        {.data_dir = config->data_dir,
         .kinds = verifiers::provider_kinds(),
         .missing = MissingSecrets::invent}
    );
    if (!gateways) return report_complaints(gateways.error(), options.output);
    const bool json = options.output == Output::json;
    print(json ? summary_json(*config, *gateways) : summary_of(*config, *gateways));
    return kExitFine;
}

}  // namespace postern::daemon::commands
