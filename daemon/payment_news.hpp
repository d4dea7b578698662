#pragma once

#include "core/metrics.hpp"
#include "daemon/event_writer.hpp"
#include "daemon/order_runner.hpp"
#include "daemon/payment_store.hpp"
#include "daemon/provider_desk.hpp"
#include "dispatch/fan_out.hpp"
#include "storage/ingest.hpp"

#include <atomic>
#include <span>
#include <vector>

namespace postern::daemon {

// Of webhooks that could not move what they are about: a late step, or money that was told of in a
// sum, a currency or a state in which it cannot be. Somebody has to look at the latter.
Counter stale_news_counter(MetricRegistry& metrics);

// Webhooks meet payments here, in the transaction that stores them and before they are fanned out:
// what a provider says about a payment of ours moves it, and belongs to whose payment it is. What
// was told before is not told again: the webhook is then linked to the event that did.
class PaymentNews final : public storage::IngestStep, public ProviderDesk {
 public:
    struct Parts {
        const PaymentStore& store;
        const payments::Surroundings& around;  // with every gateway
        OrderRunner& orders;
        dispatch::FanOut& fan_out;  // the step after this one
        Counter stale;
    };
    // Before the first webhook; until then everything is as told.
    void open(const Parts& parts) { parts_.emplace(parts); }

    Result<void, storage::StoreError>
    run(storage::Transaction& transaction, std::span<storage::IngestItem* const> items) override;
    void committed(std::span<const storage::IngestItem* const> items) noexcept override;

    Result<Taken, storage::StoreError>
    take(storage::Transaction& transaction, const ToldEvent& told) override;

 private:
    // An event of a request, from which something may follow for a payment of ours.
    struct Told {
        storage::IngestItem* item;
        std::size_t event_index;
    };

    [[nodiscard]] Result<bool, storage::StoreError> has_payments(storage::Transaction& transaction);
    std::vector<Told> told_by_gateways_of_ours(std::span<storage::IngestItem* const> items) const;
    Result<std::vector<Told>, storage::StoreError>
    keep_ours(storage::Transaction& transaction, const std::vector<Told>& told) const;
    Result<void, storage::StoreError>
    take_ours(storage::Transaction& transaction, const std::vector<Told>& ours);
    // The event's turn; what else follows is announced by `events`.
    Result<storage::EventTurn, storage::StoreError>
    take_by(storage::Transaction& transaction, const ToldEvent& told, EventWriter& events);

    std::optional<Parts> parts_;
    // While nobody pays through us, each batch of webhooks asks once whether that is still so.
    enum class Payments : std::uint8_t { none, some } payments_ = Payments::none;
    std::optional<TimePoint> looked_at_;  // the batch that asked; absent: the next one asks
    // Also set by who takes news on another thread of the writer.
    enum class Orders : std::uint8_t { none, made };
    std::atomic<Orders> orders_ = Orders::none;
    // Did something concern us in the batch in hand? The thread of ingest, like the rest.
    enum class News : std::uint8_t { none, some } news_ = News::none;
};

}  // namespace postern::daemon
