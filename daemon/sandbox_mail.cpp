#include "daemon/sandbox_mail.hpp"

#include "core/log.hpp"
#include "daemon/blocking_read.hpp"
#include "daemon/blocking_write.hpp"

#include <algorithm>
#include <iterator>
#include <thread>

namespace postern::daemon {

using payments::MessageRow;

namespace {

constexpr std::chrono::seconds kPostTimeout{5};
constexpr std::chrono::seconds kPauseMax{300};
constexpr std::int64_t kDoublingsMax = 9;

std::optional<std::string> if_said(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional{text};
}

bool is_success(int status) {
    return status >= 200 && status < 300;
}

void log_unsayable(const MessageRow& row) {
    log::warn(
        "sandbox.message_dropped",
        {{"gateway", row.gateway.value},
         {"type", to_text(row.message.event.type)},
         {"tries", row.tries}}
    );
}

}  // namespace

verifiers::SampleWish wish_of(const payments::ProviderMessage& message, TimePoint now) {
    const UnifiedEvent& event = message.event;
    verifiers::SampleWish wish{
        .type = event.type,
        .amount = event.amount,
        .currency = event.currency,
        .unique = message.unique,
        .now = now};
    wish.gateway_payment_id = if_said(event.gateway_payment_id);
    wish.gateway_refund_id = if_said(event.gateway_refund_id);
    wish.gateway_dispute_id = if_said(event.gateway_dispute_id);
    wish.gateway_payout_id = if_said(event.gateway_payout_id);
    wish.merchant_reference = event.merchant_reference;
    wish.reason = if_said(event.reason);
    wish.outcome = if_said(event.outcome);
    wish.occurred_at = from_iso8601(event.occurred_at);
    return wish;
}

std::chrono::seconds message_pause(std::int64_t tries) {
    const auto doublings = std::clamp<std::int64_t>(tries, 0, kDoublingsMax);
    return std::min(kPauseMax, std::chrono::seconds{std::int64_t{1} << doublings});
}

std::size_t lane_of(const payments::ProviderMessage& message) {
    const std::string& payment = message.event.gateway_payment_id;
    return std::hash<std::string>{}(payment.empty() ? message.unique : payment) % kMailLanes;
}

SandboxMail::SandboxMail(Parts parts) : parts_{std::move(parts)} {
    std::generate(posts_.begin(), posts_.end(), parts_.make_post);
}

SandboxMail::Post SandboxMail::keeping_connection() {
    return [connection = std::make_shared<KeptConnection>()](const PostRequest& request) {
        return connection->post(request);
    };
}

std::optional<std::size_t> SandboxMail::post_due() {
    std::vector<MessageRow> rows;
    const TimePoint now = parts_.clock.now();
    const ReadWork work = [&rows, now](storage::Connection& connection) -> StoreResult {
        auto due = payments::due_messages(connection, now, kMessagesAtOnce);
        if (!due) return due.error();
        rows = std::move(*due);
        return {};
    };
    if (!read_and_wait(parts_.store.readers, work)) return std::nullopt;
    const std::vector<Posted> posted = post_all(rows);
    if (!posted.empty() && !settle(posted)) return std::nullopt;
    return static_cast<std::size_t>(std::count_if(
        posted.begin(), posted.end(), [](const Posted& one) { return one.fate == Fate::taken; }
    ));
}

std::vector<SandboxMail::Posted> SandboxMail::post_all(const std::vector<MessageRow>& rows) const {
    std::array<Lane, kMailLanes> lanes;
    for (const MessageRow& row : rows) lanes.at(lane_of(row.message)).push_back({.row = &row});
    {
        std::vector<std::jthread> threads;  // joined before the lanes are read
        for (std::size_t i = 0; i < kMailLanes; ++i) {
            if (lanes.at(i).empty()) continue;
            threads.emplace_back([this, &post = posts_.at(i), &lane = lanes.at(i)] {
                post_lane(post, lane);
            });
        }
    }
    std::vector<Posted> posted;
    for (const Lane& lane : lanes) {
        std::copy_if(lane.begin(), lane.end(), std::back_inserter(posted), [](const Posted& one) {
            return one.fate.has_value();
        });
    }
    return posted;
}

void SandboxMail::post_lane(const Post& post, Lane& lane) const {
    for (Posted& one : lane) {
        if (parts_.is_stopping()) return;
        one.fate = post_one(post, *one.row);
    }
}

void SandboxMail::take_settings(storage::GatewayNumber gateway, SettingTable settings) {
    const std::lock_guard lock{voices_mutex_};
    const auto voice = parts_.voices.find(gateway);
    if (voice != parts_.voices.end()) voice->second.settings = std::move(settings);
}

std::optional<SandboxVoice> SandboxMail::voice_of(storage::GatewayNumber gateway) const {
    const std::lock_guard lock{voices_mutex_};
    const auto voice = parts_.voices.find(gateway);
    if (voice == parts_.voices.end()) return std::nullopt;
    return voice->second;
}

SandboxMail::Fate SandboxMail::post_one(const Post& post, const MessageRow& row) const {
    const auto speaker = voice_of(row.gateway);
    // A gateway that is not configured today may be again tomorrow.
    if (!speaker) return Fate::later;
    auto webhook =
        speaker->kind->sample(speaker->settings, wish_of(row.message, parts_.clock.now()));
    if (!webhook) return Fate::unsayable;
    PostRequest request{
        .url = parts_.listener.url,
        .method = webhook->method,
        .headers = std::move(webhook->headers),
        .body = std::move(webhook->body),
        .trusted_certificate = parts_.listener.trusted_certificate,
        .timeout = kPostTimeout};
    request.url.target = "/api/v2/webhooks/" + speaker->gateway_id;
    if (!webhook->query.empty()) request.url.target += "?" + webhook->query;
    const auto reply = post(request);
    if (reply && is_success(reply->status)) return Fate::taken;
    log::debug(
        "sandbox.message_not_taken",
        {{"gateway", speaker->gateway_id}, {"status", reply ? reply->status : 0}}
    );
    return Fate::later;
}

bool SandboxMail::settle(const std::vector<Posted>& posted) {
    const TimePoint now = parts_.clock.now();
    const auto is_over = [](const Posted& one) {
        const bool given_up = one.fate == Fate::later && one.row->tries >= kMessageTriesMax;
        return given_up || one.fate == Fate::unsayable;
    };
    const WriteWork work = [&posted, &is_over, now](storage::Transaction& transaction
                           ) -> StoreResult {
        for (const Posted& one : posted) {
            const bool goes = one.fate == Fate::taken || is_over(one);
            const StoreResult written =
                goes ? payments::delete_message(transaction, one.row->id)
                     : payments::postpone_message(
                         transaction, one.row->id, now + message_pause(one.row->tries)
                     );
            if (!written) return written;
        }
        return {};
    };
    if (!write_and_wait(parts_.store.writer, guarded(parts_.guard, work))) return false;
    for (const Posted& one : posted) {
        if (is_over(one)) log_unsayable(*one.row);
    }
    return true;
}

Result<std::optional<TimePoint>, storage::StoreError> SandboxMail::next_due() {
    std::optional<TimePoint> due;
    const ReadWork work = [&due](storage::Connection& connection) -> StoreResult {
        const auto next = payments::next_message_at(connection);
        if (!next) return next.error();
        due = *next;
        return {};
    };
    const StoreResult read = read_and_wait(parts_.store.readers, work);
    if (!read) return read.error();
    return due;
}

}  // namespace postern::daemon
