#include "daemon/commands/known_faults.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>

namespace postern::daemon::commands {
namespace {

// Versions from `first` up to, and without, `mended`.
struct KnownFault {
    std::string_view library;
    VersionNumber first;
    VersionNumber mended;
    Severity severity;
    std::string_view fault;
    std::string_view advice;
};

constexpr std::string_view kWalReset =
    "two connections that write and checkpoint at once can lose what was committed (the WAL-reset "
    "fault); this program is safe, for one connection does both";
constexpr std::string_view kLeaveStoreAlone =
    "open the store with no other program while the daemon runs; 3.51.3 mends it, and so do 3.50.7 "
    "and 3.44.6";
constexpr std::string_view kPunycode =
    "a certificate can overflow the stack of who verifies it (CVE-2022-3602, CVE-2022-3786), and "
    "endpoints present certificates";
constexpr std::string_view kTrailers =
    "one long trailer of a chunked message ends programs that leave trailers to Beast; this one "
    "bounds them itself, before Beast sees them";

// SQLite's fault was mended in three lines of versions, so it is three ranges.
constexpr KnownFault kFaults[] = {
    {"SQLite", {3, 7, 0}, {3, 44, 6}, Severity::note, kWalReset, kLeaveStoreAlone},
    {"SQLite", {3, 45, 0}, {3, 50, 7}, Severity::note, kWalReset, kLeaveStoreAlone},
    {"SQLite", {3, 51, 0}, {3, 51, 3}, Severity::note, kWalReset, kLeaveStoreAlone},
    {"PostgreSQL",
     {0, 0, 0},
     {13, 0, 0},
     Severity::error,
     "it lacks what this program relies on",
     "13 is the oldest that has all of it; newer ones are better"},
    {"OpenSSL",
     {3, 0, 0},
     {3, 0, 7},
     Severity::error,
     kPunycode,
     "install your distribution's updates, and start the daemon again"},
    {"Boost", {1, 66, 0}, {1, 85, 0}, Severity::note, kTrailers, "nothing to do here"},
};

std::string titled(const LibraryVersion& library) {
    std::string text{library.library};
    text += ' ';
    text += library.version;
    return text;
}

}  // namespace

std::optional<VersionNumber> parse_version(std::string_view text) {
    VersionNumber version{};
    const char* at = text.data();
    const char* end = at + text.size();
    for (unsigned& part : version) {
        const auto [stop, error] = std::from_chars(at, end, part);
        if (error != std::errc{}) return std::nullopt;
        at = stop;
        if (at == end || *at != '.') break;
        ++at;
    }
    return version;
}

Findings judge_version(const LibraryVersion& library) {
    const auto version = parse_version(library.version);
    if (!version) return {};
    Findings findings;
    for (const KnownFault& fault : kFaults) {
        if (fault.library != library.library) continue;
        if (*version < fault.first || *version >= fault.mended) continue;
        findings.push_back(
            {.subject = titled(library),
             .severity = fault.severity,
             .state = std::string{fault.fault},
             .advice = std::string{fault.advice}}
        );
    }
    const auto about = [&library](const KnownFault& fault) {
        return fault.library == library.library;
    };
    if (findings.empty() && std::any_of(std::begin(kFaults), std::end(kFaults), about)) {
        findings.push_back({.subject = titled(library), .state = "no fault of it is known here"});
    }
    return findings;
}

}  // namespace postern::daemon::commands
