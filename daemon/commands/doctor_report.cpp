#include "daemon/commands/doctor_report.hpp"

#include "core/json_writer.hpp"
#include "daemon/commands/common.hpp"

#include <algorithm>

namespace postern::daemon::commands {
namespace {

constexpr std::size_t kSeverityWidth = 9;
constexpr std::string_view kAdviceMark = "-> ";

std::string padded(std::string text, std::size_t width) {
    text.resize(std::max(width, text.size()), ' ');
    return text;
}

std::ptrdiff_t count_of(std::span<const Finding> findings, Severity severity) {
    return std::count_if(findings.begin(), findings.end(), [severity](const Finding& finding) {
        return finding.severity == severity;
    });
}

std::string counted(std::ptrdiff_t count, std::string_view what) {
    std::string text = std::to_string(count);
    text += ' ';
    text += what;
    if (count != 1) text += 's';
    return text;
}

std::string summary_of_findings(std::span<const Finding> findings) {
    const auto errors = count_of(findings, Severity::error);
    const auto warnings = count_of(findings, Severity::warning);
    if (errors == 0 && warnings == 0) return "Nothing has to be done.\n";
    std::string text;
    if (errors > 0) text += counted(errors, "error");
    if (errors > 0 && warnings > 0) text += ", ";
    if (warnings > 0) text += counted(warnings, "warning");
    text += ".\n";
    return text;
}

}  // namespace

std::string_view to_text(Severity severity) {
    switch (severity) {
        case Severity::fine: return "fine";
        case Severity::note: return "note";
        case Severity::warning: return "warning";
        case Severity::error: return "error";
    }
    return {};
}

Severity gravest(std::span<const Finding> findings) {
    Severity severity = Severity::fine;
    for (const Finding& finding : findings) severity = std::max(severity, finding.severity);
    return severity;
}

int exit_code_of(std::span<const Finding> findings) {
    switch (gravest(findings)) {
        case Severity::fine:
        case Severity::note: return 0;
        case Severity::warning: return 1;
        case Severity::error: break;
    }
    return 2;
}

std::string report_text(std::span<const Finding> findings) {
    std::size_t width = 0;
    for (const Finding& finding : findings) width = std::max(width, finding.subject.size());
    std::string text;
    for (const Finding& finding : findings) {
        text += padded(std::string{to_text(finding.severity)}, kSeverityWidth);
        text += padded(printable(finding.subject), width) + "  ";
        text += printable(finding.state) + '\n';
        if (finding.advice.empty()) continue;
        text += std::string(kSeverityWidth + width + 2, ' ');
        text += kAdviceMark;
        text += printable(finding.advice) + '\n';
    }
    text += '\n';
    text += summary_of_findings(findings);
    return text;
}

std::string report_json(std::span<const Finding> findings) {
    std::string json;
    JsonWriter writer{json};
    writer.begin_object();
    writer.member("status", to_text(gravest(findings)));
    writer.key("findings");
    writer.begin_array();
    for (const Finding& finding : findings) {
        writer.begin_object();
        writer.member("subject", finding.subject);
        writer.member("severity", to_text(finding.severity));
        writer.member("state", finding.state);
        writer.member_or_null("advice", finding.advice);
        writer.end_object();
    }
    writer.end_array();
    writer.end_object();
    json += '\n';
    return json;
}

}  // namespace postern::daemon::commands
