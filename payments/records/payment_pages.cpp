#include "core/assert.hpp"
#include "payments/records/numbered_ranks.hpp"
#include "payments/records/payment_blocks.hpp"
#include "payments/records/payment_row.hpp"
#include "payments/records/payment_runs.hpp"
#include "payments/records/rows.hpp"

#include <algorithm>
#include <chrono>

// Pages by number. All payments are found by their numbers; those of a status, a gateway or a time
// by blocks; the order of amounts by runs. What asks for a range of amounts in the order of
// creation, or of a time, walks one index, in which all of its conditions can be decided.
namespace postern::payments {
namespace {

using Pages = Result<PaymentPage, StoreError>;

bool is_by_amount(const FacePaymentFilter& filter, const NumberedPage& page) {
    return page.sort == NumberedPage::Sort::amount || filter.min_thousandths
           || filter.max_thousandths;
}

bool is_of_few(const FacePaymentFilter& filter) {
    return !filter.order_id.empty() || filter.customer;
}

// Ids hold milliseconds; "after" means a later one.
IdSpan ids_of(const FacePaymentFilter& filter) {
    IdSpan ids;
    if (filter.created_after) {
        const auto at = std::chrono::floor<std::chrono::milliseconds>(*filter.created_after);
        ids.from = first_id_at(at + std::chrono::milliseconds{1});
    }
    if (filter.created_before) ids.until = first_id_at(*filter.created_before);
    return ids;
}

Pages in_order(
    Result<std::vector<Payment>, StoreError> ascending,
    const NumberedPage& page,
    std::int64_t total
) {
    if (!ascending) return ascending.error();
    if (page.order == storage::Order::newest_first)
        std::reverse(ascending->begin(), ascending->end());
    return PaymentPage{.payments = std::move(*ascending), .total = total};
}

Pages page_of_all(
    Connection& connection,
    Owner owner,
    const NumberSpan& numbers,
    const NumberedPage& page
) {
    RankRange ranks = ranks_of(page, numbers.count());
    ranks.first += numbers.first;
    return in_order(payments_by_number(connection, owner, ranks), page, numbers.count());
}

Pages page_of_kind(Connection& connection, const KindInSpan& kind, const NumberedPage& page) {
    const auto blocks = count_in_blocks(connection, kind);
    if (!blocks) return blocks.error();
    const std::int64_t total = total_of(*blocks);
    return in_order(
        payments_in_blocks(connection, kind, *blocks, ranks_of(page, total)), page, total
    );
}

// The order of amounts for the filter's kind of payments, and the places in it that lie within the
// filter's limits.
struct AmountSpan {
    AmountOrder order;
    RankRange ranks;
};
Result<AmountSpan, StoreError>
amounts_within(Connection& connection, const FacePaymentFilter& filter) {
    AmountOrder order{.owner = filter.owner, .status = filter.status, .gateway = filter.gateway};
    const auto read = read_runs(connection, order);
    if (!read) return read.error();
    RankRange ranks;
    if (filter.min_thousandths) {
        const auto below = count_below(connection, order, *filter.min_thousandths);
        if (!below) return below.error();
        ranks.first = *below;
    }
    std::int64_t end = order.total();
    if (filter.max_thousandths) {
        const auto below = count_below(connection, order, *filter.max_thousandths + 1);
        if (!below) return below.error();
        end = *below;
    }
    ranks.count = std::max<std::int64_t>(0, end - ranks.first);
    return AmountSpan{std::move(order), ranks};
}

Pages page_by_amount(Connection& connection, const AmountSpan& span, const NumberedPage& page) {
    RankRange ranks = ranks_of(page, span.ranks.count);
    ranks.first += span.ranks.first;
    return in_order(payments_by_amount(connection, span.order, ranks), page, span.ranks.count);
}

// The index that a statement walks.
enum class Walked { order, customer, status, gateway, owner, amount };

// A plus keeps a condition from choosing an index of its own.
storage::ListQuery conditions_of(const FacePaymentFilter& filter, Walked walked) {
    const auto either = [walked](Walked own, std::string_view plain) {
        return walked == own ? plain.substr(1) : plain;
    };
    storage::ListQuery list;
    if (walked == Walked::customer) {
        where_owner_checked(list, filter.owner);
    } else {
        where_owner(list, filter.owner);
    }
    if (!filter.order_id.empty()) {
        list.where_text("order_id =", filter.order_id);
        list.also("order_id <> ''");  // a partial index is used only for its own words
    }
    if (filter.customer)
        list.where(either(Walked::customer, "+customer_id ="), filter.customer->value);
    if (filter.status) list.where(either(Walked::status, "+face_status ="), stored(*filter.status));
    if (filter.gateway) list.where(either(Walked::gateway, "+gateway ="), filter.gateway->value);
    list.where(either(Walked::amount, "+amount_thousandths >="), filter.min_thousandths);
    list.where(either(Walked::amount, "+amount_thousandths <="), filter.max_thousandths);
    const IdSpan ids = ids_of(filter);
    list.where(walked == Walked::amount ? "+id >=" : "id >=", ids.from);
    list.where(walked == Walked::amount ? "+id <" : "id <", ids.until);
    return list;
}

// The order of the index, or one that has to be sorted for: then the plus keeps an index that has
// it from being walked to its end for a handful of rows.
std::string order_text(NumberedPage::Sort sort, storage::Order order, Walked walked) {
    const bool by_amount = sort == NumberedPage::Sort::amount;
    const bool is_walked_in_order = by_amount == (walked == Walked::amount);
    const std::string_view direction = order == storage::Order::newest_first ? " DESC" : "";
    std::string text = " ORDER BY ";
    if (by_amount) {
        text.append(is_walked_in_order ? "amount_thousandths" : "+amount_thousandths");
        text.append(direction).append(", ");
    }
    text.append(is_walked_in_order ? "id" : "+id").append(direction);
    return text;
}

Result<std::int64_t, StoreError>
count_walking(Connection& connection, const FacePaymentFilter& filter, Walked walked) {
    const storage::ListQuery list = conditions_of(filter, walked);
    auto query = connection.query(list.text_of_all("SELECT COUNT(*) FROM payments"));
    list.bind_to_all(query);
    return read_count(query);
}

struct Walk {
    Walked walked = Walked::owner;
    std::int64_t total = 0;
};
// From the end that is nearer, turned round afterwards where that is not the one asked for.
Pages page_walking(
    Connection& connection,
    const FacePaymentFilter& filter,
    const NumberedPage& page,
    const Walk& walk
) {
    const RankRange ranks = ranks_of(page, walk.total);
    const std::int64_t after = walk.total - ranks.first - ranks.count;
    const auto order =
        ranks.first <= after ? storage::Order::oldest_first : storage::Order::newest_first;
    const storage::ListQuery list = conditions_of(filter, walk.walked);
    std::string text = list.text_of_all(kSelectPayment) + order_text(page.sort, order, walk.walked);
    text.append(" LIMIT $").append(std::to_string(list.next_parameter()));
    text.append(" OFFSET $").append(std::to_string(list.next_parameter() + 1));
    auto query = connection.query(text);
    list.bind_to_all(query);
    query.bind(ranks.count).bind(std::min(ranks.first, after));
    auto payments = read_all(query, read_payment);
    if (!payments) return payments.error();
    if (order != page.order) std::reverse(payments->begin(), payments->end());
    return PaymentPage{.payments = std::move(*payments), .total = walk.total};
}

Pages page_of_few(
    Connection& connection,
    const FacePaymentFilter& filter,
    const NumberedPage& page
) {
    const Walked walked = filter.order_id.empty() ? Walked::customer : Walked::order;
    const auto total = count_walking(connection, filter, walked);
    if (!total) return total.error();
    return page_walking(connection, filter, page, {walked, *total});
}

struct Candidate {
    Walked walked = Walked::owner;
    std::int64_t rows = 0;
};
// The index by id that knows most, and how many of its rows are in the filter's span of time.
Result<Candidate, StoreError> candidate_by_id(
    Connection& connection,
    const FacePaymentFilter& filter,
    const NumberSpan& numbers
) {
    if (!filter.status && !filter.gateway) return Candidate{Walked::owner, numbers.count()};
    KindInSpan kind{.owner = filter.owner, .status = filter.status, .numbers = numbers};
    if (!filter.status) kind.gateway = filter.gateway;
    const auto blocks = count_in_blocks(connection, kind);
    if (!blocks) return blocks.error();
    return Candidate{filter.status ? Walked::status : Walked::gateway, total_of(*blocks)};
}

// How many rows are looked at for the page: up to it where the index has the order, else all, and
// they are sorted too.
std::int64_t cost_of(const Candidate& candidate, const NumberedPage& page, std::int64_t total) {
    constexpr std::int64_t kSorting = 3;  // a sorted row costs about so many walked ones
    const bool is_in_order =
        (page.sort == NumberedPage::Sort::amount) == (candidate.walked == Walked::amount);
    if (!is_in_order) return candidate.rows * kSorting;
    const RankRange ranks = ranks_of(page, total);
    const std::int64_t walked = std::min(ranks.first, total - ranks.first - ranks.count);
    const auto share = static_cast<double>(walked + ranks.count)
                       / static_cast<double>(std::max<std::int64_t>(1, total));
    return static_cast<std::int64_t>(share * static_cast<double>(candidate.rows));
}

// The index by amount is walked through all kinds of payments within the limits, of which one kind
// is counted.
Candidate candidate_by_amount(const AmountSpan& span, const NumberSpan& numbers) {
    const std::int64_t of_kind = std::max<std::int64_t>(1, span.order.total());
    const auto share = static_cast<double>(numbers.made) / static_cast<double>(of_kind);
    return {
        Walked::amount, static_cast<std::int64_t>(share * static_cast<double>(span.ranks.count))};
}

// A part of a run, and where the kind is rare the runs between its payments.
std::int64_t cost_of_runs(const AmountSpan& span, const NumberedPage& page, std::int64_t made) {
    const std::int64_t total = std::max<std::int64_t>(1, span.order.total());
    return kRunPaymentsMax + page.per_page * made / total;
}

// Without a span of time the runs know the total, and every page in their order.
Pages page_at_any_time(
    Connection& connection,
    const FacePaymentFilter& filter,
    const NumberedPage& page,
    const NumberSpan& numbers
) {
    const auto amounts = amounts_within(connection, filter);
    if (!amounts) return amounts.error();
    const auto by_id = candidate_by_id(connection, filter, numbers);
    if (!by_id) return by_id.error();
    const std::int64_t total = amounts->ranks.count;
    Candidate best = *by_id;
    std::int64_t best_cost = cost_of(*by_id, page, total);
    if (page.sort == NumberedPage::Sort::amount) {
        if (cost_of_runs(*amounts, page, numbers.made) <= best_cost)
            return page_by_amount(connection, *amounts, page);
    } else {
        const Candidate by_amount = candidate_by_amount(*amounts, numbers);
        if (cost_of(by_amount, page, total) < best_cost) best = by_amount;
    }
    return page_walking(connection, filter, page, {best.walked, total});
}

// Of payments of a time, their kinds are counted by blocks, and their amounts by nobody.
Result<std::int64_t, StoreError> total_in_time(
    Connection& connection,
    const FacePaymentFilter& filter,
    const NumberSpan& numbers,
    Walked walked
) {
    if (filter.min_thousandths || filter.max_thousandths)
        return count_walking(connection, filter, walked);
    if (!filter.status && !filter.gateway) return numbers.count();
    const auto blocks =
        count_in_blocks(connection, {filter.owner, filter.status, filter.gateway, numbers});
    if (!blocks) return blocks.error();
    return total_of(*blocks);
}

Pages page_in_time(
    Connection& connection,
    const FacePaymentFilter& filter,
    const NumberedPage& page,
    const NumberSpan& numbers
) {
    const auto amounts = amounts_within(connection, filter);
    if (!amounts) return amounts.error();
    const auto by_id = candidate_by_id(connection, filter, numbers);
    if (!by_id) return by_id.error();
    const Candidate by_amount = candidate_by_amount(*amounts, numbers);
    const Candidate& fewer = by_id->rows < by_amount.rows ? *by_id : by_amount;
    const auto total = total_in_time(connection, filter, numbers, fewer.walked);
    if (!total) return total.error();
    const bool takes_id = cost_of(*by_id, page, *total) <= cost_of(by_amount, page, *total);
    return page_walking(
        connection, filter, page, {takes_id ? by_id->walked : Walked::amount, *total}
    );
}

}  // namespace

Pages list_payments_by_page(
    Connection& connection,
    const FacePaymentFilter& filter,
    const NumberedPage& page
) {
    POSTERN_ASSERT(page.page >= 1 && page.per_page >= 1);
    if (is_of_few(filter)) return page_of_few(connection, filter, page);
    const auto numbers = numbers_between(connection, filter.owner, ids_of(filter));
    if (!numbers) return numbers.error();
    if (numbers->count() == 0) return PaymentPage{};
    if (is_by_amount(filter, page)) {
        return numbers->count() < numbers->made
                   ? page_in_time(connection, filter, page, *numbers)
                   : page_at_any_time(connection, filter, page, *numbers);
    }
    if (filter.status || filter.gateway) {
        const KindInSpan kind{filter.owner, filter.status, filter.gateway, *numbers};
        return page_of_kind(connection, kind, page);
    }
    return page_of_all(connection, filter.owner, *numbers, page);
}

}  // namespace postern::payments
