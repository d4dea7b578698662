#include "daemon/commands/doctor_daemon.hpp"

#include "daemon/commands/doctor_machine.hpp"
#include "daemon/commands/human_figures.hpp"
#include "daemon/version.hpp"

#include <algorithm>
#include <utility>

namespace postern::daemon::commands {
namespace {

constexpr std::chrono::days kSilenceMax{7};
constexpr std::chrono::hours kFirstSilenceMax{24};

constexpr const char* kTryIt =
    "let the provider's dashboard send a test event; is this address entered there, and reachable "
    "from outside?";

struct Reason {
    std::string_view reason;  // as /readyz says it
    std::string_view advice;
};

constexpr Reason kReasons[] = {
    {"stopping", "it ends, or is being upgraded: ask again in a moment"},
    {"the store failed",
     "it starts anew by itself under systemd; look in its log for store.failed, and at the disk"},
    {"the store cannot be reached",
     "look at PostgreSQL; webhooks are answered with 503 until it answers, and come again"},
    {"this node has no place among the others",
     "look in its log for cluster.full: 64 nodes are as many as one store takes"},
    {"the store does not say which endpoints this node serves",
     "look in its log for what the store answered; nothing new is delivered until it does"},
    {"the disk is nearly full", "make room; it takes webhooks again within a second"},
    {"commits are slow", "look at what else writes to this disk, as with `iostat -x 1`"},
    {"deliveries do not move", "look in its log; a new start loses nothing"},
};

std::string_view advice_about(std::string_view reason) {
    for (const Reason& known : kReasons) {
        if (known.reason == reason) return known.advice;
    }
    return "look in its log";
}

// What a metric tells as soon as it is above a bound. Names are without the "postern_" of all.
struct Rule {
    std::string_view metric;
    double bound;
    std::string_view subject;
    Severity severity;
    std::string_view state;  // after the number
    std::string_view advice;
};

constexpr Rule kRules[] = {
    {"store_poisoned",
     0,
     "store",
     Severity::error,
     "failed store",
     "look in the log for store.failed, and at the disk, before anything else"},
    {"store_units_failed_total",
     0,
     "store",
     Severity::warning,
     "writes that were not committed since the daemon started",
     "their senders were told, so nothing is lost; the log says why: store.*"},
    {"ledger_unbalanced_books",
     0,
     "books",
     Severity::error,
     "books that do not balance",
     "take a copy of the store and see what `postern check --store` says of it"},
    {"webhooks_shed_total",
     0,
     "webhooks",
     Severity::warning,
     "webhooks that were answered 503 since the daemon started",
     "their providers send them again; `postern top` shows what the commits wait for"},
    {"deliveries_found_overdue_total",
     0,
     "deliveries",
     Severity::warning,
     "deliveries that were found forgotten, and then sent",
     "this is a fault of the program: report it with its log"},
    {"delivery_oldest_due_seconds",
     60,
     "deliveries",
     Severity::warning,
     "seconds since the oldest delivery could have been sent",
     "`postern top` shows how many are under way; raise [delivery] in_flight_max if all are"},
    {"payments_stale_news_total",
     0,
     "payments",
     Severity::note,
     "webhooks that could not move what they are about",
     "compare each payments.stale_news of the log with the provider's dashboard"},
    {"http_exceptions_total",
     0,
     "requests",
     Severity::warning,
     "requests that were answered 500",
     "this is a fault of the program: report it with its log"},
    {"http_tls_errors_total",
     100,
     "requests",
     Severity::note,
     "TLS handshakes that failed",
     "scanners do that; if providers do, compare their TLS versions with [tls] min_version"},
};

std::string full_name(std::string_view metric) {
    std::string name{"postern"};
    name += '_';
    name += metric;
    return name;
}

std::optional<TimePoint> time_of(JsonValue value) {
    return value.is_string() ? from_iso8601(value.string()) : std::nullopt;
}

std::optional<TimePoint> last_verified(JsonValue gateway, const DaemonTimes& times) {
    const auto since_start = time_of(gateway["health"]["last_verified_at"]);
    return since_start ? since_start : times.verified_before;
}

std::string since_text(TimePoint then, TimePoint now) {
    return duration_text(std::chrono::duration<double>(std::max(now - then, TimePoint::duration{}))
    );
}

// How many webhooks of a gateway were refused for something that its secret decides.
std::int64_t forgeries_of(JsonValue health) {
    const JsonValue refused = health["refused"];
    return refused["bad_signature"].integer().value_or(0)
           + refused["unknown_key"].integer().value_or(0);
}

Findings judge_refusals(JsonValue gateway, const DaemonTimes& times, Finding finding) {
    const JsonValue health = gateway["health"];
    const std::int64_t refused = forgeries_of(health);
    if (refused == 0) return {};
    const std::string id{gateway["id"].string()};
    finding.state = std::to_string(refused) + " webhooks were refused: not signed with its secret";
    finding.advice = "compare its secret with the provider's dashboard; `postern verify --gateway "
                     + id + "` explains a signature";
    const auto verified_at = last_verified(gateway, times);
    const auto refused_at = time_of(health["recent_refusals"][std::size_t{0}]["at"]);
    if (!verified_at) {
        finding.severity = Severity::error;
        finding.state += ", and no right one is known";
    } else if (refused_at && *refused_at > *verified_at) {
        finding.severity = Severity::warning;
        finding.state += ", the last of all among them";
        finding.advice += "; was it changed there?";
    } else {
        finding.severity = Severity::note;
        finding.state += "; right ones came after them";
        finding.advice.clear();
    }
    return {std::move(finding)};
}

// Real money that nobody tells of any more. Sandboxes may be silent.
Findings judge_silence(JsonValue gateway, const DaemonTimes& times, Finding finding) {
    if (!gateway["livemode"].boolean().value_or(false)) return {};
    const auto verified_at = last_verified(gateway, times);
    const TimePoint silent_since = verified_at.value_or(times.started_at);
    const auto bound =
        verified_at ? TimePoint::duration{kSilenceMax} : TimePoint::duration{kFirstSilenceMax};
    if (times.now - silent_since <= bound) return {};
    finding.severity = Severity::warning;
    finding.state = "no webhook for " + since_text(silent_since, times.now);
    finding.advice = kTryIt;
    return {std::move(finding)};
}

Findings judge_client_certificate(JsonValue endpoint, const std::string& subject, TimePoint now) {
    const JsonValue pem = endpoint["client_certificate"];
    if (!pem.is_string()) return {};
    auto facts = read_certificates(pem.string());
    if (!facts) return {};
    facts->subject = subject;
    Finding finding = judge_certificate(*facts, now);
    if (finding.severity == Severity::fine) return {};
    finding.state.insert(0, "its client certificate ");
    finding.advice = "ask its merchant for another: `postern endpoints update`";
    return {std::move(finding)};
}

}  // namespace

Finding judge_readiness(JsonValue answer) {
    Finding finding{.subject = "daemon", .state = "ready"};
    if (answer["status"].string() == "ready") return finding;
    finding.severity = Severity::error;
    finding.state = "not ready";
    const std::string reason{answer["reason"].string()};
    if (!reason.empty()) finding.state += ": " + reason;
    finding.advice = std::string{advice_about(reason)};
    for (const JsonValue other : answer["reasons"].items()) {
        if (other.string() != reason) finding.state += ", " + std::string{other.string()};
    }
    return finding;
}

Findings judge_cluster(JsonValue cluster) {
    if (!cluster.is_object()) return {};
    std::size_t members = 0;
    for ([[maybe_unused]] const JsonValue member : cluster["members"].items()) ++members;
    std::string state = "one of " + std::to_string(members) + " nodes, number ";
    state += std::to_string(cluster["number"].integer().value_or(0));
    if (!cluster["leader"].is_string()) {
        return {
            {"cluster",
             Severity::warning,
             state + "; nobody leads, so jobs and retention rest",
             "ask again in half a minute; if it stays so, look in the log for cluster."}};
    }
    state += ", led by " + std::string{cluster["leader"].string()};
    const JsonValue queue = cluster["queue"];
    if (queue["state"].string() == "down") {
        return {
            {"cluster",
             Severity::warning,
             state + "; Redis does not answer: " + std::string{queue["why"].string()},
             "mend it; until then PostgreSQL alone says who delivers what, a second later"}};
    }
    return {{"cluster", Severity::fine, std::move(state)}};
}

Finding judge_program(JsonValue answer) {
    Finding finding{.subject = "program", .state = "version "};
    finding.state += answer["version"].string();
    if (answer["version"].string() == kVersion) return finding;
    finding.severity = Severity::note;
    finding.state += " runs, ";
    finding.state += kVersion;
    finding.state += " is installed";
    finding.advice = "start the daemon again to run what is installed";
    return finding;
}

Findings judge_metrics(const MetricsText& metrics) {
    Findings findings;
    for (const Rule& rule : kRules) {
        const double value = metrics.sum({.name = full_name(rule.metric)});
        if (value <= rule.bound) continue;
        std::string state = count_text(value);
        state += ' ';
        state += rule.state;
        findings.push_back(
            {.subject = std::string{rule.subject},
             .severity = rule.severity,
             .state = std::move(state),
             .advice = std::string{rule.advice}}
        );
    }
    return findings;
}

Findings judge_gateway(JsonValue gateway, const DaemonTimes& times) {
    if (!gateway["enabled"].boolean().value_or(true)) return {};
    const Finding blank{.subject = "gateway " + std::string{gateway["id"].string()}};
    Findings findings = judge_refusals(gateway, times, blank);
    for (Finding& finding : judge_silence(gateway, times, blank)) {
        findings.push_back(std::move(finding));
    }
    const auto verified_at = last_verified(gateway, times);
    if (!findings.empty()) return findings;
    Finding heard_of = blank;
    if (!verified_at) {
        if (!gateway["livemode"].boolean().value_or(false)) return {};
        heard_of.severity = Severity::note;
        heard_of.state = "no webhook yet";
        heard_of.advice = kTryIt;
        return {std::move(heard_of)};
    }
    heard_of.state =
        "the last webhook was verified " + since_text(*verified_at, times.now) + " ago";
    return {std::move(heard_of)};
}

Findings judge_endpoint(JsonValue endpoint, TimePoint now) {
    const std::string id{endpoint["id"].string()};
    const std::string subject = "endpoint " + id;
    Findings findings = judge_client_certificate(endpoint, subject, now);
    Finding finding{.subject = subject, .severity = Severity::warning};
    const std::string_view health = endpoint["health"]["state"].string();
    const auto failing_since = time_of(endpoint["health"]["failing_since"]);
    if (endpoint["status"].string() == "disabled") {
        const std::string reason{endpoint["disabled_reason"].string()};
        if (reason.empty() || reason == "manual") return findings;
        finding.state = "disabled: " + reason;
        finding.advice = "when it is well again: `postern endpoints enable " + id
                         + "`, then `postern jobs recover " + id + " --since TIME`";
    } else if (health == "failing" || health == "paused") {
        finding.state = std::string{health};
        if (failing_since) finding.state += " for " + since_text(*failing_since, now);
        finding.advice = "`postern endpoints ping " + id + "` shows what it answers";
    } else {
        return findings;
    }
    finding.state += ", ";
    finding.state += endpoint["url"].string();
    findings.push_back(std::move(finding));
    return findings;
}

Finding judge_ping(JsonValue endpoint, JsonValue answer) {
    const std::string id{endpoint["id"].string()};
    Finding finding{.subject = "endpoint " + id, .state = "took a test event"};
    if (answer["delivered"].boolean().value_or(false)) return finding;
    finding.severity = Severity::warning;
    finding.state = "did not take a test event: ";
    finding.state += answer["error"].string();
    const auto status = answer["status"].integer();
    if (status) finding.state += " (" + std::to_string(*status) + ")";
    finding.state += ", ";
    finding.state += endpoint["url"].string();
    finding.advice = "`postern endpoints ping " + id + "` shows all of its answer";
    return finding;
}

}  // namespace postern::daemon::commands
