#include "payments/service/news_filter.hpp"

#include "payments/domain/ids.hpp"

#include <string>
#include <string_view>

namespace postern::payments {
namespace {

using storage::Sql;
using storage::Step;
using storage::StoreError;

// A look into four indexes for each name. Their conditions stand here because a partial index is
// used only for its own words. Values instead of EXISTS: that may be answered by reading a whole
// index once, which looks cheap while the table is small.
constexpr Sql kKnownSql{
    "SELECT told.place FROM unnest($1::bigint[], $2::bigint[], $3::text[])"
    " AS told (place, gateway, name)"
    " WHERE (SELECT TRUE FROM payments AS p WHERE p.gateway = told.gateway"
    " AND p.gateway_payment_id = told.name AND p.gateway_payment_id <> '' LIMIT 1)"
    " OR (SELECT TRUE FROM refunds AS r WHERE r.gateway = told.gateway"
    " AND r.gateway_refund_id = told.name AND r.gateway_refund_id <> '' LIMIT 1)"
    " OR (SELECT TRUE FROM disputes AS d WHERE d.gateway = told.gateway"
    " AND d.gateway_dispute_id = told.name AND d.gateway_dispute_id <> '' LIMIT 1)"
    " OR (SELECT TRUE FROM payouts AS o WHERE o.gateway = told.gateway"
    " AND o.gateway_payout_id = told.name AND o.gateway_payout_id <> '' LIMIT 1)"};

bool has_id_of_ours(const IdCodec& ids, const UnifiedEvent& event) {
    for (const std::string& text : {event.gateway_payment_id, event.merchant_reference}) {
        if (read_id<PaymentId>(ids, text)) return true;
    }
    return false;
}

// Lists of one length, as a statement takes them.
struct ToldNames {
    std::vector<std::int64_t> places;
    std::vector<std::int64_t> gateways;
    std::string names = "{";

    void add(std::size_t place, const ProviderNews& news) {
        const UnifiedEvent& event = news.event;
        for (const std::string_view name :
             {std::string_view{event.gateway_payment_id},
              std::string_view{event.gateway_refund_id},
              std::string_view{event.gateway_dispute_id},
              std::string_view{event.gateway_payout_id}}) {
            if (name.empty()) continue;
            places.push_back(static_cast<std::int64_t>(place));
            gateways.push_back(news.gateway.value);
            add_name(name);
        }
    }
    void add_name(std::string_view name) {
        if (names.size() > 1) names += ',';
        names += '"';
        for (const char c : name) {
            if (c == '"' || c == '\\') names += '\\';
            names += c;
        }
        names += '"';
    }
};

Result<void, StoreError>
add_known(storage::Transaction& transaction, ToldNames told, std::set<std::size_t>& places) {
    told.names += '}';
    const std::string place_list = storage::number_list(told.places);
    const std::string gateway_list = storage::number_list(told.gateways);
    auto query = transaction.query(kKnownSql);
    query.bind(std::string_view{place_list}).bind(std::string_view{gateway_list});
    query.bind(std::string_view{told.names});
    for (;;) {
        const auto step = query.step();
        if (!step) return step.error();
        if (*step == Step::done) return {};
        places.insert(static_cast<std::size_t>(query.integer(0)));
    }
}

}  // namespace

Result<std::set<std::size_t>, StoreError> find_news_of_ours(
    storage::Transaction& transaction,
    const IdCodec& ids,
    const std::vector<ProviderNews>& news
) {
    std::set<std::size_t> places;
    ToldNames told;
    const bool one_writes = transaction.connection().writers() == storage::Writers::one;
    for (std::size_t place = 0; place < news.size(); ++place) {
        if (one_writes || has_id_of_ours(ids, news[place].event)) {
            places.insert(place);
        } else {
            told.add(place, news[place]);
        }
    }
    if (told.places.empty()) return places;
    const auto added = add_known(transaction, std::move(told), places);
    if (!added) return added.error();
    return places;
}

}  // namespace postern::payments
