#pragma once

#include "core/trace.hpp"
#include "daemon/gateways.hpp"
#include "daemon/store.hpp"
#include "net/mailbox.hpp"
#include "storage/ingest.hpp"
#include "verifiers/provider.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace postern::daemon {

// Everything about one webhook that the writer needs, owned: the connection's buffer may be gone
// before a slow disk has answered.
struct WebhookRecord {
    std::string body;
    std::string headers;
    std::string body_sha256;
    std::vector<ProviderEvent> events;
    std::vector<std::string> objects;  // JSON, for each event; empty where there is none
    std::string reason;
};

struct WebhookFacts {
    AccountId account;
    storage::Livemode livemode = storage::Livemode::test;
    storage::GatewayNumber gateway;
    storage::Verdict verdict = storage::Verdict::verified;
    TimePoint received_at;
    TraceContext trace = {};
};

// The unit of work that carries a webhook into the store and wakes its coroutine. If the coroutine
// gives up waiting, the unit lives on by itself until the writer is done with it.
class ReceivedWebhook final : private WebhookRecord,
                              public storage::IngestUnit,
                              public net::Letter {
 public:
    ReceivedWebhook(WebhookRecord record, const WebhookFacts& facts, net::IoThread& thread);

    void done(WriteResult result) noexcept override;
    void delivered() noexcept override;

    net::Sleeper& sleeper() { return sleeper_; }
    const std::optional<WriteResult>& result() const { return result_; }
    std::chrono::steady_clock::time_point since() const { return since_; }

    // The coroutine no longer waits: destroy yourself when the writer has answered.
    static void abandon(std::unique_ptr<ReceivedWebhook> unit);
    void give_up_waiting();
    bool is_given_up() const { return waiter_ == Waiter::gone; }

 private:
    storage::IngestRequest describe(const WebhookFacts& facts) const;

    net::IoThread& thread_;
    net::Sleeper sleeper_;
    std::optional<WriteResult> written_;  // the writer's; handed over by the letter
    std::optional<WriteResult> result_;
    std::chrono::steady_clock::time_point since_;
    enum class Waiter { present, gone } waiter_ = Waiter::present;
};

}  // namespace postern::daemon
