#include "config/load.hpp"

#include "config/contradictions.hpp"
#include "config/gateways.hpp"
#include "config/key_reader.hpp"
#include "config/toml_text.hpp"

#include <algorithm>

namespace postern::config {
namespace {

std::string name_of(const LoadInput& input) {
    return input.path.empty() ? std::string{"configuration"} : input.path.string();
}

Complaint at(const LoadInput& input, std::string_view problem) {
    std::string message = name_of(input);
    message += ": ";
    message += problem;
    return Complaint{std::move(message)};
}

}  // namespace

Result<Config, std::vector<Complaint>> load(const LoadInput& input) {
    const auto file = settings_from_toml(input.text);
    if (!file) return std::vector<Complaint>{at(input, file.error().message)};
    Config config;
    KeyReader reader{*file, input};
    visit_keys(config, reader);
    std::vector<std::string> gateway_problems;
    config.gateways =
        read_gateways(reader.take_gateways(), NamedFiles{input}, name_of(input), gateway_problems);
    std::vector<Complaint> complaints;
    for (std::string& problem : reader.finish()) complaints.push_back({std::move(problem)});
    for (std::string& problem : gateway_problems) complaints.push_back({std::move(problem)});
    for (const std::string_view problem : contradictions(config)) {
        complaints.push_back(at(input, problem));
    }
    if (!complaints.empty()) return complaints;
    return config;
}

unsigned thread_count(const Config& config, unsigned cores) {
    if (config.threads > 0) return static_cast<unsigned>(config.threads);
    return std::max(cores, 2U) - 1U;
}

std::string_view to_text(Mode mode) {
    switch (mode) {
        case Mode::sandbox: return "sandbox";
        case Mode::live: return "live";
    }
    return "sandbox";
}

}  // namespace postern::config
