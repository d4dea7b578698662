#pragma once

#include "payments/service/provider_news.hpp"

#include <cstdint>
#include <optional>

// Inside a provider's news: what payments, refunds, disputes and payouts have in common.
namespace postern::payments {

// nullopt: nothing of ours.
using Taken = Result<std::optional<NewsEffect>, storage::StoreError>;

struct News {
    Work& work;  // whose events go through the news door
    const ProviderNews& told;
    const UnifiedEvent& event() const { return told.event; }
    storage::Connection& connection() const { return work.transaction.connection(); }
};

[[nodiscard]] NewsEffect about(const News& news, std::int64_t subject, Effect effect);
// The payment that the news names, if it is ours; sets the owner of `work`.
[[nodiscard]] Result<std::optional<FullPayment>, storage::StoreError> load_told_payment(
    const News& news
);
[[nodiscard]] Taken take_dispute_news(const News& news);

}  // namespace postern::payments
