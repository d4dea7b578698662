#include "daemon/received_webhook.hpp"

namespace postern::daemon {

ReceivedWebhook::ReceivedWebhook(
    WebhookRecord record,
    const WebhookFacts& facts,
    net::IoThread& thread
)
    : WebhookRecord{std::move(record)},
      IngestUnit{describe(facts)},
      thread_{thread},
      since_{std::chrono::steady_clock::now()} {}

storage::IngestRequest ReceivedWebhook::describe(const WebhookFacts& facts) const {
    storage::IngestRequest request{
        .account = facts.account,
        .livemode = facts.livemode,
        .gateway = facts.gateway,
        .verdict = facts.verdict,
        .reason = reason,
        .received_at = facts.received_at,
        .headers = headers,
        .body = body,
        .body_sha256 = body_sha256,
        .events = {},
        .trace = facts.trace};
    request.events.reserve(events.size());
    for (std::size_t i = 0; i < events.size(); ++i) {
        storage::IngestEvent event{
            .gateway_event_id = events[i].id, .gateway_event_type = events[i].type};
        if (events[i].unified) {
            event.normalised = storage::NormalisedEvent{
                .type = events[i].unified->type,
                .object = objects[i],
                .facts = &*events[i].unified};
        }
        request.events.push_back(event);
    }
    return request;
}

void ReceivedWebhook::done(WriteResult result) noexcept {
    written_ = result;
    thread_.mailbox().drop(*this);
}

void ReceivedWebhook::delivered() noexcept {
    if (waiter_ == Waiter::gone) {
        delete this;
        return;
    }
    result_ = written_;
    sleeper_.wake();
}

void ReceivedWebhook::give_up_waiting() {
    waiter_ = Waiter::gone;
    sleeper_.wake();
}

void ReceivedWebhook::abandon(std::unique_ptr<ReceivedWebhook> unit) {
    unit.release();  // delivered() destroys it
}

}  // namespace postern::daemon
