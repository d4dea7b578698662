#include "daemon/commands/common.hpp"

#include "config/files.hpp"

#include <cstdio>
#include <set>

namespace postern::daemon::commands {
namespace {

// Where the service's credentials are while it runs, for root alone.
constexpr const char* kServiceCredentials = "/run/credentials/postern.service";

void write_to(std::FILE* stream, std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stream);
    std::fflush(stream);
}

void override_variable(
    config::Environment& environment,
    const char* name,
    const std::string& value
) {
    if (!value.empty()) environment.insert_or_assign(name, value);
}

Result<config::LoadInput, Complaint> input_of(const ConfigOptions& options) {
    config::Environment environment = config::environment_of_process();
    override_variable(environment, "POSTERN_DATA_DIR", options.data_dir);
    override_variable(environment, "POSTERN_LISTEN", options.listen);
    override_variable(environment, "POSTERN_ADMIN_LISTEN", options.admin_listen);
    // An operator's commands read the same configuration as the service, with what it names.
    environment.try_emplace("CREDENTIALS_DIRECTORY", kServiceCredentials);
    return config::read_input(options.config_file, std::move(environment));
}

}  // namespace

Result<config::Config, std::vector<Complaint>> load_config(const ConfigOptions& options) {
    const auto input = input_of(options);
    if (!input) return std::vector<Complaint>{input.error()};
    return config::load(*input);
}

Result<config::Config, std::vector<Complaint>> load_places(const ConfigOptions& options) {
    // The store's URL may itself be in such a file.
    if (auto whole = load_config(options)) return whole;
    auto input = input_of(options);
    if (!input) return std::vector<Complaint>{input.error()};
    input->named_files = config::LoadInput::NamedFiles::left_alone;
    return config::load(*input);
}

Result<ResolvedGateway, Complaint>
find_gateway(const config::Config& config, std::string_view id, const GatewaySources& sources) {
    std::set<std::string, std::less<>> ids;
    for (config::Gateway& gateway : gateways_of(config, sources.kinds)) {
        if (gateway.id == id) return resolve_gateway(config, std::move(gateway), sources);
        ids.insert(gateway.id);
    }
    std::string message = "no gateway is called \"" + printable(id) + "\"";
    if (const auto likely = closest(id, ids)) message += "; did you mean " + *likely + "?";
    return Complaint{std::move(message)};
}

void print(std::string_view text) {
    write_to(stdout, text);
}

bool has_lost_output() {
    return std::ferror(stdout) != 0;
}

int complain(const Complaint& complaint) {
    write_to(stderr, "postern: " + complaint.message + "\n");
    return kExitFailed;
}

int complain_of_all(std::span<const Complaint> complaints) {
    for (const Complaint& complaint : complaints) complain(complaint);
    return kExitFailed;
}

std::string printable(std::string_view text) {
    constexpr std::string_view hex = "0123456789abcdef";
    std::string shown;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte < 0x7f) {
            shown += c;
            continue;
        }
        shown += "\\x";
        shown += hex[byte >> 4];
        shown += hex[byte & 0x0f];
    }
    return shown;
}

}  // namespace postern::daemon::commands
