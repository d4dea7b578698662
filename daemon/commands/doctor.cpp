#include "daemon/commands/doctor.hpp"

#include "config/files.hpp"
#include "core/bytes.hpp"
#include "daemon/assembly.hpp"
#include "daemon/commands/check_store.hpp"
#include "daemon/commands/doctor_daemon.hpp"
#include "daemon/commands/doctor_machine.hpp"
#include "daemon/commands/known_faults.hpp"
#include "daemon/commands/private_listener.hpp"
#include "daemon/commands/shared_store.hpp"
#include "daemon/commands/version.hpp"
#include "daemon/reload.hpp"
#include "storage/sqlite/data_directory.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace postern::daemon::commands {
namespace {

constexpr std::size_t kPagesMax = 100;  // of a hundred items each: as many as an account may have
constexpr int kStatusOk = 200;

void append(Findings& findings, Findings more) {
    for (Finding& finding : more) findings.push_back(std::move(finding));
}

std::size_t count_of_gateways(const config::Config& config) {
    return gateways_of(config, verifiers::provider_kinds()).size();
}

Findings examine_configuration(const config::Config& config) {
    Findings findings;
    for (const Complaint& complaint : complaints_about(config)) {
        findings.push_back(
            {"configuration",
             Severity::error,
             complaint.message,
             "mend it; `postern check` shows it all"}
        );
    }
    if (!findings.empty()) return findings;
    const std::string count = std::to_string(count_of_gateways(config));
    return {{"configuration", Severity::fine, "in order, with " + count + " gateways"}};
}

Findings examine_files(const config::Config& config, TimePoint now) {
    Findings findings;
    const auto disk = read_disk(store_options(config).directory);
    // Where the store is a server's, so is its disk.
    if (disk && !config.storage.is_shared()) append(findings, judge_disk(*disk, config.storage));
    if (!config.tls.enabled()) return findings;
    const std::string subject = "certificate " + config.tls.certificate_file.string();
    const auto pem = config::read_whole_file(config.tls.certificate_file);
    auto certificate = pem ? read_certificates(*pem) : Complaint{"it cannot be read"};
    if (certificate) {
        certificate->subject = subject;
        findings.push_back(judge_certificate(*certificate, now));
    } else {
        findings.push_back(
            {subject,
             Severity::error,
             certificate.error().message,
             "the daemon must be able to read it: look at its path, owner and mode"}
        );
    }
    return findings;
}

// Only where no daemon has it open: whoever opens a store takes its lock first.
Findings examine_idle_store(const std::filesystem::path& directory) {
    std::error_code unreadable;
    if (!std::filesystem::exists(directory / storage::DataDirectory::kDatabaseName, unreadable)) {
        return {{"store", Severity::note, "there is none yet", "the first start makes it"}};
    }
    const auto faults = find_store_faults(directory);
    if (!faults) {
        const char* advice =
            "if a daemon has it open, give its private address with --admin-url; else keep a copy "
            "of it as it is, then restore a backup";
        return {{"store", Severity::error, faults.error().message, advice}};
    }
    Findings findings;
    for (const std::string& fault : *faults) {
        findings.push_back(
            {"store", Severity::error, fault, "keep a copy of it as it is, then restore a backup"}
        );
    }
    if (findings.empty()) {
        findings.push_back({"store", Severity::fine, "whole, and its books balance"});
    }
    return findings;
}

Findings examine_versions(std::string_view store_driver) {
    Findings findings;
    if (const auto space = store_driver.find(' '); space != std::string_view::npos) {
        const std::string_view library = store_driver.substr(0, space);
        const std::string_view version = store_driver.substr(space + 1);
        append(findings, judge_version({.library = library, .version = version}));
    }
    for (const ProgramPart& part : program_parts()) {
        append(findings, judge_version({.library = part.name, .version = part.version}));
    }
    return findings;
}

// One examination of one daemon.
class DaemonExamination {
 public:
    DaemonExamination(const DoctorOptions& options, TimePoint now) : options_{options}, now_{now} {}

    enum class Reached { no, yes };
    Reached look_at_private_side();
    // The configuration tells what the key did not show. Null: there is none.
    void look_at_api(const config::Config* config);

    // As the daemon names it; empty: it was not reached.
    const std::string& store_driver() const { return driver_; }
    Findings take_findings() { return std::move(findings_); }

 private:
    using JudgeItem = std::function<Findings(JsonValue)>;

    Result<PostReply, Complaint> ask(const char* path) const;
    void read_health(const PostReply& reply);
    // How many there were.
    std::size_t look_at_list(const std::string& subject, const char* path, const JudgeItem& judge);
    void complain_about(const std::string& subject, const std::string& why);
    Findings judge_heard_gateway(JsonValue gateway) const;
    Findings judge_reached_endpoint(JsonValue endpoint) const;

    const DoctorOptions& options_;
    TimePoint now_;
    TimePoint started_at_ = now_;
    std::string driver_;
    Findings findings_;
};

Result<PostReply, Complaint> DaemonExamination::ask(const char* path) const {
    const auto request = private_request(options_.admin_url, path);
    if (!request) return request.error();
    return http_post(*request);
}

void DaemonExamination::read_health(const PostReply& reply) {
    const auto document = JsonDocument::parse(reply.body);
    if (!document) return;
    const JsonValue root = document->root();
    driver_ = root["store"]["driver"].string();
    started_at_ = now_ - std::chrono::seconds{root["uptime_seconds"].integer().value_or(0)};
    findings_.push_back(judge_program(root));
}

DaemonExamination::Reached DaemonExamination::look_at_private_side() {
    const auto ready = ask("/readyz");
    const auto document = ready ? JsonDocument::parse(ready->body) : Complaint{};
    if (!ready || !document || !document->root()["status"].is_string()) {
        const std::string why = ready ? "what answers there is none" : ready.error().message;
        findings_.push_back(
            {"daemon",
             Severity::error,
             "no answer from its private address: " + why,
             "start it, anew if it hangs, or give that address with --admin-url"}
        );
        return Reached::no;
    }
    findings_.push_back(judge_readiness(document->root()));
    append(findings_, judge_cluster(document->root()["cluster"]));
    if (const auto health = ask("/healthz")) read_health(*health);
    const auto metrics = ask("/metrics");
    if (!metrics) return Reached::yes;
    Findings troubles = judge_metrics(MetricsText::parse(metrics->body));
    if (troubles.empty()) {
        troubles.push_back({"work", Severity::fine, "nothing went wrong since it started"});
    }
    append(findings_, std::move(troubles));
    return Reached::yes;
}

void DaemonExamination::complain_about(const std::string& subject, const std::string& why) {
    const auto line_end = why.find('\n');
    std::string advice = "give the public address with --url, and a key with --key";
    if (line_end != std::string::npos) {
        advice = why.substr(std::min(why.find_first_not_of(" \n", line_end), why.size()));
    }
    findings_.push_back({subject, Severity::warning, why.substr(0, line_end), std::move(advice)});
}

// Page after page; a line of its own says how many are well.
std::size_t DaemonExamination::look_at_list(
    const std::string& subject,
    const char* path,
    const JudgeItem& judge
) {
    ApiCommandCall call{.path = path, .query = {{"limit", "100"}}};
    std::size_t looked_at = 0;
    std::size_t in_trouble = 0;
    for (std::size_t page = 0; page < kPagesMax; ++page) {
        const auto body = call_api(options_.access, call);
        const auto document = body ? JsonDocument::parse(*body) : Complaint{};
        if (!body || !document) {
            complain_about(subject, body ? "what answers is no Postern" : body.error().message);
            return looked_at;
        }
        for (const JsonValue item : document->root()["data"].items()) {
            Findings troubles = judge(item);
            ++looked_at;
            if (gravest(troubles) > Severity::note) ++in_trouble;
            append(findings_, std::move(troubles));
        }
        const JsonValue next = document->root()["next_cursor"];
        if (!next.is_string()) break;
        call.query = {{"limit", "100"}, {"cursor", std::string{next.string()}}};
    }
    std::string state = std::to_string(looked_at - in_trouble);
    state += " of " + std::to_string(looked_at) + " are well";
    findings_.push_back({subject, Severity::fine, std::move(state)});
    return looked_at;
}

// What the daemon has heard since its start it tells itself; of the time before, the inbox knows.
Findings DaemonExamination::judge_heard_gateway(JsonValue gateway) const {
    DaemonTimes times{.started_at = started_at_, .now = now_};
    const JsonValue health = gateway["health"];
    const bool matters = gateway["livemode"].boolean().value_or(false)
                         || health["recent_refusals"][std::size_t{0}].is_object();
    if (matters && !health["last_verified_at"].is_string()) {
        const ApiCommandCall call{
            .path = "/api/v2/inbox",
            .query = {
                {"gateway", std::string{gateway["id"].string()}},
                {"verdict", "verified"},
                {"limit", "1"}}};
        const auto body = call_api(options_.access, call);
        const auto document = body ? JsonDocument::parse(*body) : Complaint{};
        if (document) {
            const JsonValue last = document->root()["data"][std::size_t{0}];
            times.verified_before = from_iso8601(last["received_at"].string());
        }
    }
    return judge_gateway(gateway, times);
}

Findings DaemonExamination::judge_reached_endpoint(JsonValue endpoint) const {
    Findings findings = judge_endpoint(endpoint, now_);
    const bool is_on = endpoint["status"].string() == "enabled";
    if (options_.endpoints == DoctorOptions::Endpoints::asked_about || !is_on) return findings;
    const std::string id{endpoint["id"].string()};
    const ApiCommandCall call{
        .method = "POST", .path = "/api/v2/webhook-endpoints/" + encode_percent(id) + "/ping"};
    const auto body = call_api(options_.access, call);
    const auto document = body ? JsonDocument::parse(*body) : Complaint{};
    if (document) {
        findings.push_back(judge_ping(endpoint, document->root()));
    } else {
        const std::string why = body ? "no answer" : body.error().message;
        findings.push_back(
            {"endpoint " + id,
             Severity::note,
             "no test event was sent: " + why.substr(0, why.find('\n')),
             "`postern endpoints ping " + id + "` tries it again"}
        );
    }
    return findings;
}

void DaemonExamination::look_at_api(const config::Config* config) {
    if (options_.access.key.empty()) {
        findings_.push_back(
            {"gateways, endpoints",
             Severity::note,
             "not looked at, for there is no API key",
             "give one with --key or POSTERN_API_KEY; a live key shows what is live"}
        );
        return;
    }
    const std::size_t seen = look_at_list("gateways", "/api/v2/gateways", [this](JsonValue item) {
        return judge_heard_gateway(item);
    });
    const std::size_t all = config == nullptr ? 0 : count_of_gateways(*config);
    if (seen > 0 && seen < all) {
        const std::string unseen = std::to_string(all - seen) + " of " + std::to_string(all);
        findings_.push_back(
            {"gateways",
             Severity::note,
             unseen + " were not looked at: this key does not show them",
             "look again with a key of the other mode, live or test"}
        );
    }
    look_at_list("endpoints", "/api/v2/webhook-endpoints", [this](JsonValue item) {
        return judge_reached_endpoint(item);
    });
}

Findings examine_daemon(const DoctorOptions& options, TimePoint now, const config::Config* config) {
    DaemonExamination examination{options, now};
    const auto reached = examination.look_at_private_side();
    if (reached == DaemonExamination::Reached::yes) examination.look_at_api(config);
    Findings findings = examination.take_findings();
    if (reached == DaemonExamination::Reached::no && config != nullptr) {
        append(
            findings,
            config->storage.is_shared() ? examine_shared_store(*config)
                                        : examine_idle_store(store_options(*config).directory)
        );
    }
    append(findings, examine_versions(examination.store_driver()));
    return findings;
}

Findings examine(DoctorOptions& options, TimePoint now) {
    const config::Environment environment = config::environment_of_process();
    const auto config = load_config(options.config);
    Findings findings;
    config::ListenAddress private_address = config::Config{}.admin_listen;
    if (config) {
        findings = examine_configuration(*config);
        append(findings, examine_files(*config, now));
        private_address = config->admin_listen;
        options.access = completed_beside(*config, std::move(options.access), environment);
    } else {
        options.access = completed(std::move(options.access), environment);
        for (const Complaint& complaint : config.error()) {
            findings.push_back({"configuration", Severity::error, complaint.message, "mend it"});
        }
    }
    findings.push_back(judge_clock(read_clock()));
    options.admin_url = admin_url({options.admin_url, private_address}, environment);
    append(findings, examine_daemon(options, now, config ? &*config : nullptr));
    return findings;
}

void print_report(const Findings& findings, Output output) {
    print(output == Output::json ? report_json(findings) : report_text(findings));
}

// /healthz is red only where a new start may help, so whoever restarts what is red may follow this.
Finding examine_liveness(const DoctorOptions& options) {
    const auto request = private_request(options.admin_url, "/healthz");
    const auto health = request ? http_post(*request) : request.error();
    if (!health) return {"daemon", Severity::error, health.error().message, "start it"};
    if (health->status == kStatusOk) return {"daemon", Severity::fine, "its work moves"};
    const auto document = JsonDocument::parse(health->body);
    const bool tells = document && document->root()["reason"].is_string();
    std::string state{tells ? document->root()["reason"].string() : "what answers is no Postern"};
    return {"daemon", Severity::error, std::move(state), "look in its log, then start it anew"};
}

int run_liveness(DoctorOptions& options) {
    const auto config = load_config(options.config);
    if (!config) return complain_of_all(config.error());
    const config::Environment environment = config::environment_of_process();
    options.admin_url = admin_url({options.admin_url, config->admin_listen}, environment);
    const Finding finding = examine_liveness(options);
    print_report({finding}, options.output);
    return finding.severity == Severity::fine ? kExitFine : kExitFailed;
}

}  // namespace

int run_doctor(DoctorOptions options, const Clock& clock) {
    if (options.depth == DoctorOptions::Depth::liveness) return run_liveness(options);
    const Findings findings = examine(options, clock.now());
    print_report(findings, options.output);
    return exit_code_of(findings);
}

}  // namespace postern::daemon::commands
