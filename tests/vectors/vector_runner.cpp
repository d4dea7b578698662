// vector_runner DIR: every vector file of a folder through the real providers. A line per failure,
// last "passed P of N"; exit 0 only if all pass.
#include "core/bytes.hpp"
#include "core/json_document.hpp"
#include "verifiers/registry.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace postern::verifiers {
namespace {

std::string read_file(const std::filesystem::path& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

std::string quote(std::string_view text) {
    std::string quoted = "'";
    quoted += text;
    quoted += "'";
    return quoted;
}

// What stands for the network: {"GET <url>": object} or {"<url>": "PEM"}.
FetchedDocument fetch_from_fixtures(const Fetch& fetch, JsonValue config) {
    for (const JsonMember& member : config.members()) {
        if (!member.key.ends_with("_fixtures")) continue;
        for (const JsonMember& fixture : member.value.members()) {
            if (fixture.key != fetch.url && fixture.key != "GET " + fetch.url) continue;
            if (fixture.value.is_string()) return {200, std::string{fixture.value.string()}};
            const auto table = settings_from_json(fixture.value);
            return {200, table ? settings_to_json(*table) : std::string{}};
        }
    }
    return {404, "{}"};
}

SettingTable provider_settings(JsonValue config) {
    SettingTable table;
    if (auto read = settings_from_json(config)) table = std::move(*read);
    std::erase_if(table, [](const auto& entry) { return entry.first.ends_with("_fixtures"); });
    return table;
}

struct Outcome {
    std::string reason = "ok";
    Normalised normalised;
    std::optional<ProviderReply> reply;
    std::vector<std::string> fetches;
};

Outcome judge(const Provider& provider, SignedRequest request, JsonValue config) {
    Outcome outcome;
    if (request.method == "GET") {
        outcome.reply = provider.challenge(request);
        if (!outcome.reply || outcome.reply->status != 200) outcome.reason = "malformed";
        return outcome;
    }
    FetchedDocument document;
    if (const auto fetch = provider.fetch_needed(request)) {
        outcome.fetches.push_back("GET " + fetch->url);
        document = fetch_from_fixtures(*fetch, config);
        request.fetched = &document;
    }
    const auto verified = provider.verify(request);
    if (!verified) {
        outcome.reason = to_text(verified.error());
        outcome.reply = provider.refusal(verified.error());
        return outcome;
    }
    auto normalised = provider.normalise(request);
    if (!normalised) {
        outcome.reason = "malformed";
        return outcome;
    }
    outcome.normalised = std::move(*normalised);
    outcome.reply = provider.acknowledgement(request);
    return outcome;
}

std::string field_of(const ProviderEvent& event, std::string_view name) {
    const UnifiedEvent& unified = *event.unified;
    if (name == "type") return std::string{to_text(unified.type)};
    if (name == "gateway_event_id") return event.id;
    if (name == "gateway_event_type") return event.type;
    if (name == "gateway_payment_id") return unified.gateway_payment_id;
    if (name == "gateway_refund_id") return unified.gateway_refund_id;
    if (name == "gateway_dispute_id") return unified.gateway_dispute_id;
    if (name == "gateway_payout_id") return unified.gateway_payout_id;
    if (name == "merchant_reference") return unified.merchant_reference;
    if (name == "amount") return unified.amount;
    if (name == "currency") return unified.currency;
    if (name == "reason") return unified.reason;
    if (name == "outcome") return unified.outcome;
    return "(no such field)";
}

void compare_events(
    const Outcome& outcome,
    JsonValue expected,
    std::vector<std::string>& problems
) {
    std::vector<const ProviderEvent*> unified;
    for (const ProviderEvent& event : outcome.normalised.events) {
        if (event.unified) unified.push_back(&event);
    }
    if (unified.size() != expected.size()) {
        problems.push_back(
            std::to_string(unified.size()) + " events, expected " + std::to_string(expected.size())
        );
        return;
    }
    for (std::size_t i = 0; i < unified.size(); ++i) {
        for (const JsonMember& member : expected[i].members()) {
            const std::string came = field_of(*unified[i], member.key);
            const std::string_view wanted = member.value.text();
            if (came == wanted) continue;
            std::string problem{member.key};
            problem += " is " + quote(came) + ", expected " + quote(wanted);
            problems.push_back(std::move(problem));
        }
    }
}

void compare_reply(const Outcome& outcome, JsonValue expected, std::vector<std::string>& problems) {
    if (!expected.is_object()) return;
    if (!outcome.reply) {
        problems.emplace_back("no reply of its own, expected one");
        return;
    }
    const ProviderReply& reply = *outcome.reply;
    if (expected["status"].exists() && expected["status"].integer() != reply.status) {
        problems.push_back("acknowledged with " + std::to_string(reply.status));
    }
    if (expected["body"].is_string() && expected["body"].string() != reply.body) {
        problems.push_back("acknowledged with body " + quote(reply.body));
    }
    const std::string_view type = expected["content_type"].string();
    if (!type.empty() && !reply.content_type.starts_with(type)) {
        problems.push_back("acknowledged as " + quote(reply.content_type));
    }
}

void compare_fetches(
    const Outcome& outcome,
    JsonValue expected,
    std::vector<std::string>& problems
) {
    if (!expected.is_array()) return;
    std::vector<std::string> wanted;
    for (const JsonValue url : expected.items()) wanted.emplace_back(url.string());
    if (wanted != outcome.fetches) problems.emplace_back("asked for other documents");
}

void add_fields(HttpFields& fields, JsonValue headers) {
    for (const JsonMember& member : headers.members()) {
        if (member.value.is_string()) fields.add({member.key, member.value.string()});
        for (const JsonValue value : member.value.items()) fields.add({member.key, value.string()});
    }
}

std::vector<std::string> problems_of(JsonValue vector) {
    const ProviderKind* kind = find_provider_kind(vector["gateway"].string());
    if (kind == nullptr) return {"no such gateway kind"};
    const auto provider = kind->make(provider_settings(vector["config"]));
    if (!provider) return {provider.error().message};
    const auto body = from_base64(vector["body_base64"].string());
    if (!body) return {"body_base64 does not decode"};
    HttpFields fields;
    add_fields(fields, vector["headers"]);
    const std::string_view target = vector["path"].string();
    const auto question = target.find('?');
    const SignedRequest request{
        .method = vector["method"].string(),
        .path = target.substr(0, question),
        .query =
            question == std::string_view::npos ? std::string_view{} : target.substr(question + 1),
        .fields = fields,
        .body = *body,
        .received_at = from_unix_seconds(vector["now"].integer().value_or(0))};
    const Outcome outcome = judge(**provider, request, vector["config"]);
    const JsonValue expect = vector["expect"];
    std::vector<std::string> problems;
    if (outcome.reason != expect["reason"].string()) {
        problems.push_back(
            "reason is " + outcome.reason + ", expected " + std::string{expect["reason"].string()}
        );
        return problems;
    }
    compare_events(outcome, expect["events"], problems);
    compare_reply(outcome, expect["ack"], problems);
    compare_fetches(outcome, expect["requires_fetch"], problems);
    return problems;
}

struct Tally {
    int passed = 0;
    int total = 0;
};

void run_file(const std::filesystem::path& path, Tally& tally) {
    const std::string text = read_file(path);
    const auto document = JsonDocument::parse(text, {.depth_max = 64, .nodes_max = 5'000'000});
    if (!document) {
        ++tally.total;
        std::printf("FAIL %s: not JSON\n", path.c_str());
        return;
    }
    for (const JsonValue vector : document->root()["vectors"].items()) {
        ++tally.total;
        const auto problems = problems_of(vector);
        if (problems.empty()) ++tally.passed;
        for (const std::string& problem : problems) {
            const std::string name{vector["name"].string()};
            std::printf("FAIL %s %s: %s\n", path.stem().c_str(), name.c_str(), problem.c_str());
        }
    }
}

int run(const std::filesystem::path& folder, std::string_view only) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator{folder}) {
        if (entry.path().extension() != ".json") continue;
        if (only.empty() || entry.path().stem() == only) files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    Tally tally;
    for (const auto& file : files) run_file(file, tally);
    std::printf("passed %d of %d\n", tally.passed, tally.total);
    return tally.total > 0 && tally.passed == tally.total ? 0 : 1;
}

}  // namespace
}  // namespace postern::verifiers

int main(int argc, char** argv) {
    if (argc < 2 || !std::filesystem::is_directory(argv[1])) {
        std::fprintf(stderr, "usage: vector_runner DIR [GATEWAY]\n");
        return 2;
    }
    return postern::verifiers::run(argv[1], argc > 2 ? argv[2] : "");
}
