#pragma once

#include "core/metrics.hpp"
#include "daemon/order_runner.hpp"
#include "daemon/payment_store.hpp"
#include "daemon/provider_desk.hpp"
#include "storage/ingest.hpp"

#include <span>
#include <unordered_map>
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
        Counter stale;
    };
    // Before the first webhook; until then everything is as told.
    void open(const Parts& parts) { parts_.emplace(parts); }

    Result<void, storage::StoreError>
    run(storage::Transaction& transaction, storage::IngestItem& item) override;
    void committed(std::span<const storage::IngestItem* const> items) noexcept override;

    Result<Taken, storage::StoreError>
    take(storage::Transaction& transaction, const ToldEvent& told) override;

 private:
    using Nudges = std::vector<dispatch::Nudge>;

    [[nodiscard]] Result<bool, storage::StoreError>
    concerns_us(storage::Transaction& transaction, const storage::IngestItem& item);
    Result<void, storage::StoreError>
    take_each(storage::Transaction& transaction, storage::IngestItem& item, Nudges& nudges);

    std::optional<Parts> parts_;
    // While nobody pays through us, each batch of webhooks asks once whether that is still so.
    enum class Payments : std::uint8_t { none, some } payments_ = Payments::none;
    std::optional<TimePoint> looked_at_;  // the batch that asked; absent: the next one asks
    enum class Orders : std::uint8_t { none, made } orders_ = Orders::none;
    // Of the batch in hand, by the requests that concerned us. The writer's thread.
    std::unordered_map<const storage::IngestItem*, Nudges> taken_;
};

}  // namespace postern::daemon
