#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// What `postern doctor` found, and how it says it.
namespace postern::daemon::commands {

enum class Severity : std::uint8_t {
    fine,
    note,     // worth knowing
    warning,  // to be done soon
    error,    // to be done at once
};
std::string_view to_text(Severity severity);

struct Finding {
    std::string subject;  // "disk", "gateway stripe"
    Severity severity = Severity::fine;
    std::string state;        // how it is
    std::string advice = {};  // what to do; empty: nothing
    bool operator==(const Finding&) const = default;
};
using Findings = std::vector<Finding>;

Severity gravest(std::span<const Finding> findings);
// 0: nothing to do, 1: soon, 2: at once.
int exit_code_of(std::span<const Finding> findings);

std::string report_text(std::span<const Finding> findings);
std::string report_json(std::span<const Finding> findings);

}  // namespace postern::daemon::commands
