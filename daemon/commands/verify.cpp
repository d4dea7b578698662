#include "daemon/commands/verify.hpp"

#include "config/files.hpp"
#include "config/redacted.hpp"
#include "core/bytes.hpp"
#include "core/crypto.hpp"
#include "core/json_writer.hpp"
#include "core/numbers.hpp"

#include <algorithm>
#include <cstdio>

namespace postern::daemon::commands {
namespace {

using verifiers::VerifyFailure;

constexpr std::size_t kLabelWidth = 10;  // one more than the longest, "judged at"

void add_line(std::string& text, std::string_view label, std::string_view detail) {
    text += label;
    text.append(kLabelWidth - label.size(), ' ');
    text += detail;
    text += '\n';
}

class Steps final : public verifiers::VerifyTrace {
 public:
    explicit Steps(std::string& text) : text_{text} {}

    void step(std::string_view what, std::string_view detail) override {
        std::string line = printable(what);
        line += ": ";
        line += printable(detail);
        add_line(text_, "step", line);
    }

 private:
    std::string& text_;
};

std::string_view meaning_of(VerifyFailure failure) {
    switch (failure) {
        case VerifyFailure::missing_header:
            return "a header that carries the signature is absent or empty";
        case VerifyFailure::malformed:
            return "the body is empty, or the header or body is not of this provider's form";
        case VerifyFailure::unknown_key:
            return "it names a key, certificate or account that this gateway does not have";
        case VerifyFailure::bad_signature:
            return "no configured secret makes this signature over these bytes";
        case VerifyFailure::timestamp_out_of_tolerance:
            return "the signature is right, but it was made too long before or after this moment";
    }
    return "";
}

struct SecretList {
    std::string_view key;
    std::size_t count;
};

// The lists in which a provider looks for the secret that matches.
std::vector<SecretList> secret_lists(const SettingTable& settings) {
    std::vector<SecretList> lists;
    for (const auto& [key, value] : settings) {
        const auto* list = std::get_if<SettingList>(&value.value);
        if (list != nullptr && config::may_be_secret(key)) lists.push_back({key, list->size()});
    }
    return lists;
}

std::string describe_secrets(const SettingTable& settings) {
    std::string text;
    for (const SecretList& list : secret_lists(settings)) {
        if (!text.empty()) text += ", ";
        text += std::to_string(list.count);
        text += " in ";
        text += list.key;
    }
    return text.empty() ? "none in a list" : text;
}

std::string place_of_secret(const SettingTable& settings, std::size_t index) {
    const auto lists = secret_lists(settings);
    std::string text = lists.size() == 1 ? std::string{lists.front().key} : "configured secret";
    text += " number ";
    text += std::to_string(index + 1);
    return text;
}

void describe_request(std::string& text, const JudgedRequest& asked) {
    const ReceivedRequest& request = asked.request;
    std::string line = printable(request.method) + " " + printable(request.path);
    if (!request.query.empty()) line += "?" + printable(request.query);
    add_line(text, "request", line);
    std::string names;
    for (const auto& [name, value] : request.headers) {
        if (!names.empty()) names += ", ";
        names += printable(name);
    }
    add_line(text, "headers", names.empty() ? "none" : names);
    line = std::to_string(request.body.size());
    line += " bytes, SHA-256 ";
    line += to_hex(sha256(request.body));
    if (request.body.ends_with('\n')) line += ", ends with a line end";
    add_line(text, "body", line);
    add_line(text, "judged at", to_iso8601(asked.now));
}

void describe_events(
    std::string& text,
    const ResolvedGateway& gateway,
    const verifiers::SignedRequest& request
) {
    const auto normalised = gateway.provider->normalise(request);
    if (!normalised) {
        add_line(text, "event", "the body is not what this provider sends; it would be kept as is");
        return;
    }
    for (const ProviderEvent& event : normalised->events) {
        std::string line = printable(event.id) + " " + printable(event.type) + ", for us ";
        line += event.unified ? to_text(event.unified->type) : "of no type we know";
        add_line(text, "event", line);
    }
}

Explanation explain_challenge(
    std::string text,
    const ResolvedGateway& gateway,
    const verifiers::SignedRequest& request
) {
    const auto reply = gateway.provider->challenge(request);
    if (!reply) {
        add_line(text, "verdict", "this provider has no GET challenge");
        return {.text = std::move(text)};
    }
    add_line(text, "reply", std::to_string(reply->status) + " " + printable(reply->body));
    const bool fine = reply->status == 200;
    add_line(text, "verdict", fine ? "the challenge is answered" : "the challenge is refused");
    return {
        .verdict = fine ? Verdict::verifies : Verdict::does_not_verify, .text = std::move(text)};
}

// "-" is standard input; what it holds is bounded as files are.
std::optional<std::string> read_named(const std::string& name) {
    return config::read_whole_file(name == "-" ? "/dev/stdin" : name);
}

Complaint unreadable(std::string_view what, const std::string& name) {
    std::string message{what};
    message += ": ";
    message += printable(name);
    message += " cannot be read, or is larger than 1 MiB";
    return Complaint{std::move(message)};
}

std::optional<Complaint> read_request(const VerifyOptions& options, ReceivedRequest& request) {
    if (options.headers_file == "-" && options.body_file == "-") {
        return Complaint{"--headers and --body cannot both be standard input"};
    }
    set_target(request, "/api/v2/webhooks/" + options.gateway);
    if (!options.headers_file.empty()) {
        const auto headers = read_named(options.headers_file);
        if (!headers) return unreadable("--headers", options.headers_file);
        if (auto complaint = read_headers(*headers, request)) return complaint;
    }
    if (!options.body_file.empty()) {
        auto body = read_named(options.body_file);
        if (!body) return unreadable("--body", options.body_file);
        request.body = std::move(*body);
    }
    if (!options.target.empty()) set_target(request, options.target);
    if (!options.method.empty()) request.method = options.method;
    return std::nullopt;
}

// The others only serve for hints, so whatever is wrong with one of them is left for `check`.
std::vector<ResolvedGateway>
usable_gateways(const config::Config& config, const GatewaySources& sources) {
    std::vector<ResolvedGateway> usable;
    for (config::Gateway& gateway : gateways_of(config, sources.kinds)) {
        auto resolved = resolve_gateway(config, std::move(gateway), sources);
        if (resolved) usable.push_back(std::move(*resolved));
    }
    return usable;
}

Result<TimePoint, Complaint> moment_of(const VerifyOptions& options, const Clock& clock) {
    constexpr std::int64_t seconds_max = 253'402'300'799;  // the end of the year 9999
    if (options.now.empty()) return clock.now();
    const auto seconds = parse_integer(options.now);
    if (!seconds || *seconds < 0 || *seconds > seconds_max) {
        return Complaint{"--now must be Unix seconds, like 1700000000"};
    }
    return from_unix_seconds(*seconds);
}

}  // namespace

Explanation explain(
    const JudgedRequest& asked,
    const ResolvedGateway& gateway,
    std::span<const ResolvedGateway> others
) {
    std::string text;
    std::string name = gateway.gateway.id + " (";
    name += gateway.kind->display_name;
    name += ")";
    add_line(text, "gateway", name);
    describe_request(text, asked);
    add_line(text, "secrets", describe_secrets(gateway.gateway.settings));
    const HttpFields fields = asked.request.fields();
    Steps steps{text};
    verifiers::SignedRequest request{
        .method = asked.request.method,
        .path = asked.request.path,
        .query = asked.request.query,
        .fields = fields,
        .body = asked.request.body,
        .received_at = asked.now,
        .fetched = asked.fetched,
        .trace = &steps};
    if (request.method == "GET") return explain_challenge(std::move(text), gateway, request);
    if (const auto fetch = gateway.provider->fetch_needed(request); fetch && !asked.fetched) {
        add_line(text, "needs", printable(fetch->url) + ": save it and give it with --fetched");
    }
    const auto verified = gateway.provider->verify(request);
    if (verified) {
        std::string line = "it verifies, with ";
        line += place_of_secret(gateway.gateway.settings, verified->key_index);
        add_line(text, "verdict", line);
        request.trace = nullptr;
        describe_events(text, gateway, request);
        return {.verdict = Verdict::verifies, .text = std::move(text)};
    }
    std::string line{to_text(verified.error())};
    line += ": ";
    line += meaning_of(verified.error());
    add_line(text, "verdict", line);
    for (const std::string& hint : hints_for(asked, gateway, others)) add_line(text, "hint", hint);
    return {.text = std::move(text)};
}

std::string explanation_json(const Explanation& explanation) {
    std::string json;
    JsonWriter writer{json};
    writer.begin_object();
    writer.member_boolean("verifies", explanation.verdict == Verdict::verifies);
    writer.key("lines");
    writer.begin_array();
    for (std::string_view rest = explanation.text; !rest.empty();) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        const std::string_view label = line.substr(0, kLabelWidth);
        writer.begin_object();
        writer.member("about", label.substr(0, label.find_last_not_of(' ') + 1));
        writer.member("text", line.substr(label.size()));
        writer.end_object();
    }
    writer.end_array();
    writer.end_object();
    json += '\n';
    return json;
}

int run_verify(const VerifyOptions& options, const Clock& clock) {
    const auto config = load_config(options.config);
    if (!config) return complain_of_all(config.error());
    const auto now = moment_of(options, clock);
    if (!now) return complain(now.error());
    const GatewaySources sources{
        .data_dir = config->data_dir,
        .kinds = verifiers::provider_kinds(),
        .missing = MissingSecrets::refuse};
    const auto gateway = find_gateway(*config, options.gateway, sources);
    if (!gateway) return complain(gateway.error());
    ReceivedRequest request;
    if (const auto complaint = read_request(options, request)) {
        return complain(*complaint);
    }
    verifiers::FetchedDocument fetched{.status = 200};
    if (!options.fetched_file.empty()) {
        auto document = read_named(options.fetched_file);
        if (!document) {
            return complain(unreadable("--fetched", options.fetched_file));
        }
        fetched.body = std::move(*document);
    }
    const JudgedRequest asked{
        .request = request,
        .now = *now,
        .fetched = options.fetched_file.empty() ? nullptr : &fetched};
    const Explanation explanation = explain(asked, *gateway, usable_gateways(*config, sources));
    const bool json = options.output == Output::json;
    print(json ? explanation_json(explanation) : explanation.text);
    return explanation.verdict == Verdict::verifies ? kExitFine : kExitFailed;
}

}  // namespace postern::daemon::commands
