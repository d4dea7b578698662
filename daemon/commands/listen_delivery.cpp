#include "daemon/commands/listen_delivery.hpp"

#include "core/crypto.hpp"
#include "core/json_document.hpp"
#include "core/numbers.hpp"
#include "daemon/commands/common.hpp"

#include <chrono>

namespace postern::daemon::commands {
namespace {

constexpr std::chrono::minutes kTolerance{5};
constexpr std::string_view kGreen = "\x1b[32m";
constexpr std::string_view kRed = "\x1b[31m";
constexpr std::string_view kDim = "\x1b[2m";
constexpr std::string_view kPlain = "\x1b[0m";

// Tokens are parted by single spaces. Each is compared, so that the time tells nothing.
bool holds_signature(std::string_view header, std::string_view expected) {
    bool found = false;
    while (!header.empty()) {
        const auto space = header.find(' ');
        const std::string_view token = header.substr(0, space);
        found = equal_in_constant_time(token, expected) || found;
        header.remove_prefix(space == std::string_view::npos ? header.size() : space + 1);
    }
    return found;
}

std::string_view problem_of(DeliveryVerdict verdict) {
    switch (verdict) {
        case DeliveryVerdict::genuine: return {};
        case DeliveryVerdict::headers_missing: return "webhook-* headers are missing";
        case DeliveryVerdict::too_old: return "its time is more than 5 minutes away";
        case DeliveryVerdict::forged: return "the signature is not ours";
    }
    return {};
}

std::string_view problem_of(const SeenDelivery& delivery) {
    const std::string_view problem = problem_of(delivery.verdict);
    if (!problem.empty()) return problem;
    if (delivery.forwarded == SeenDelivery::Forwarded::failed) return "cannot be forwarded";
    return {};
}

class Painter {
 public:
    Painter(std::string& out, Colour colour) : out_{out}, colour_{colour} {}

    void paint(std::string_view paint, std::string_view text) {
        if (colour_ == Colour::on) out_ += paint;
        out_ += text;
        if (colour_ == Colour::on) out_ += kPlain;
    }

 private:
    std::string& out_;
    Colour colour_;
};

std::string time_of_day(TimePoint at) {
    constexpr std::size_t kDateBytes = 11;  // 2026-01-28T
    constexpr std::size_t kTimeBytes = 12;  // 10:00:00.123
    return to_iso8601(at).substr(kDateBytes, kTimeBytes);
}

}  // namespace

DeliveryVerdict
judge_delivery(const HttpRequest& request, const dispatch::SigningKeys& keys, TimePoint now) {
    const std::string_view id = request.fields.value_or_empty("webhook-id");
    const std::string_view signature = request.fields.value_or_empty("webhook-signature");
    const auto timestamp = parse_unsigned(request.fields.value_or_empty("webhook-timestamp"));
    constexpr std::uint64_t kTimestampMax = 1ULL << 40;
    if (id.empty() || signature.empty() || !timestamp || *timestamp > kTimestampMax) {
        return DeliveryVerdict::headers_missing;
    }
    const auto seconds = static_cast<std::int64_t>(*timestamp);
    const std::string expected = keys.standard_signature(
        {.id = id, .timestamp = seconds, .body = request.body}, now, nullptr
    );
    if (!holds_signature(signature, expected)) return DeliveryVerdict::forged;
    const auto age = now - from_unix_seconds(seconds);
    return age > kTolerance || age < -kTolerance ? DeliveryVerdict::too_old
                                                 : DeliveryVerdict::genuine;
}

SeenDelivery seen_delivery(const HttpRequest& request, DeliveryVerdict verdict, TimePoint now) {
    SeenDelivery seen;
    seen.at = now;
    seen.id = request.fields.value_or_empty("webhook-id");
    seen.body_bytes = request.body.size();
    seen.verdict = verdict;
    if (verdict != DeliveryVerdict::genuine) seen.answer = 400;
    const auto body = JsonDocument::parse(request.body);
    if (body) seen.type = body->root()["type"].string();
    return seen;
}

std::string line_of(const SeenDelivery& delivery, Colour colour) {
    const std::string_view problem = problem_of(delivery);
    const bool fine = problem.empty() && delivery.answer >= 200 && delivery.answer < 300;
    std::string line;
    Painter painter{line, colour};
    painter.paint(kDim, time_of_day(delivery.at));
    line += "  ";
    painter.paint(fine ? kGreen : kRed, std::to_string(delivery.answer));
    line += "  ";
    line += delivery.type.empty() ? "(no type)" : printable(delivery.type);
    line += "  ";
    painter.paint(kDim, delivery.id.empty() ? "(no id)" : printable(delivery.id));
    line += "  ";
    line += std::to_string(delivery.body_bytes);
    line += " bytes";
    if (delivery.forwarded == SeenDelivery::Forwarded::yes) line += "  forwarded";
    if (!problem.empty()) {
        line += "  ";
        painter.paint(kRed, problem);
    }
    line += '\n';
    return line;
}

}  // namespace postern::daemon::commands
