#include "daemon/telemetry.hpp"

#include "core/json_document.hpp"
#include "core/log.hpp"
#include "core/numbers.hpp"
#include "daemon/http_post.hpp"
#include "daemon/http_url.hpp"

#include <chrono>
#include <string>
#include <utility>

namespace postern::daemon {
namespace {

using Answer = SpanExporter::Answer;
using Posted = SpanExporter::Posted;

constexpr std::string_view kTracesPath = "/v1/traces";
constexpr std::chrono::seconds kPostTimeout{5};
constexpr int kTooManyRequests = 429;
constexpr int kFirstServerError = 500;
// The longest answer is a sentence.
constexpr std::uint64_t kReplyBytesMax = 64 * 1024;

// OTLP's way to say that it took the others. Whatever else the answer is, they were taken.
std::size_t refused_in(std::string_view reply) {
    const auto document = JsonDocument::parse(reply);
    if (!document) return 0;
    const JsonValue rejected = document->root().path("partialSuccess.rejectedSpans");
    return static_cast<std::size_t>(parse_unsigned(rejected.text()).value_or(0));
}

// The collector as one thread sees it. It says in the log when it goes away and when it is back.
class Collector {
 public:
    explicit Collector(HttpUrl url) { request_.url = std::move(url); }

    Answer post(const std::string& json) {
        request_.body = json;
        const auto reply = connection_.post(request_);
        if (!reply) return failed(Posted::unreachable, reply.error().message);
        if (reply->status >= 200 && reply->status < 300) return taken(refused_in(reply->body));
        const bool later = reply->status == kTooManyRequests || reply->status >= kFirstServerError;
        const std::string why = "it answered " + std::to_string(reply->status);
        return failed(later ? Posted::unreachable : Posted::refused, why);
    }

    // Any thread.
    void give_up() { connection_.abandon(); }

 private:
    Answer taken(std::size_t refused) {
        if (refused > 0) {
            tell_failure("it refused " + std::to_string(refused) + " of many");
        } else {
            if (state_ == State::failing) log::info("telemetry.exported_again");
            state_ = State::working;
        }
        return {.posted = Posted::taken, .refused = refused};
    }
    Answer failed(Posted how, const std::string& why) {
        tell_failure(why);
        return {.posted = how};
    }
    void tell_failure(const std::string& why) {
        if (state_ == State::working) log::warn("telemetry.not_exported", {{"why", why}});
        state_ = State::failing;
    }

    KeptConnection connection_;
    PostRequest request_{
        .url = {},
        .headers = {{"Content-Type", "application/json"}},
        .body = {},
        .trusted_certificate = {},
        .timeout = kPostTimeout,
        .reply_bytes_max = kReplyBytesMax};
    enum class State { working, failing } state_ = State::working;
};

}  // namespace

Result<std::unique_ptr<SpanExporter>, Complaint>
make_span_exporter(const config::Telemetry& telemetry, MetricRegistry& metrics) {
    if (telemetry.otlp_endpoint.empty()) return std::unique_ptr<SpanExporter>{};
    auto url = parse_http_url(telemetry.otlp_endpoint + std::string{kTracesPath});
    if (!url) return Complaint{"telemetry.otlp_endpoint has a host or port that cannot be"};
    const auto collector = std::make_shared<Collector>(std::move(*url));
    return std::make_unique<SpanExporter>(SpanExporter::Parts{
        .metrics = metrics,
        .post = [collector](const std::string& json) { return collector->post(json); },
        .give_up = [collector] { collector->give_up(); },
        .samples_per_million = telemetry.samples_per_million});
}

}  // namespace postern::daemon
