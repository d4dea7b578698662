#pragma once

#include "core/time.hpp"
#include "daemon/commands/common.hpp"
#include "daemon/commands/received_request.hpp"
#include "daemon/commands/verify_hints.hpp"

#include <optional>
#include <span>
#include <string>

namespace postern::daemon::commands {

struct VerifyOptions {
    ConfigOptions config;
    std::string gateway;
    std::string headers_file;  // "-": standard input
    std::string body_file;     // "-": standard input
    std::string fetched_file;  // what the provider would have to be asked for
    std::string target;        // path and query
    std::string method;
    std::string now;  // Unix seconds; empty: this moment
    Output output = Output::text;
};

enum class Verdict { verifies, does_not_verify };

struct Explanation {
    Verdict verdict = Verdict::does_not_verify;
    std::string text;
};

// Step by step what was signed, with which secret by its place, and why it matches or does not.
Explanation explain(
    const JudgedRequest& asked,
    const ResolvedGateway& gateway,
    std::span<const ResolvedGateway> others
);

// Each line of its text with what it is about.
std::string explanation_json(const Explanation& explanation);

int run_verify(const VerifyOptions& options, const Clock& clock);

}  // namespace postern::daemon::commands
