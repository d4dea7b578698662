#include "payments/records/search_source.hpp"

#include "core/assert.hpp"
#include "payments/records/rows.hpp"

#include <string>
#include <utility>

namespace postern::payments {
namespace {

using Kind = SearchSource::Kind;

// Beyond so many an index is no better than another.
constexpr std::int64_t kProbedRowsMax = 1'000;

constexpr std::string_view kFromPayments = "SELECT id, amount_thousandths, currency FROM payments";
constexpr std::string_view kFromIds = "SELECT id FROM payments";
constexpr std::string_view kFromMetadata = "SELECT payment_id FROM payment_metadata";

bool tells_money(Kind kind) {
    return kind != Kind::customer && kind != Kind::metadata;
}

std::string_view select_of(Kind kind) {
    if (tells_money(kind)) return kFromPayments;
    return kind == Kind::metadata ? kFromMetadata : kFromIds;
}

storage::ListQuery conditions_of(const SearchSource& source, const SearchRange& range) {
    storage::ListQuery list;
    // A customer's entries say nothing of the owner, so the rows are asked for it afterwards.
    if (source.kind != Kind::customer) where_owner(list, range.owner);
    switch (source.kind) {
        case Kind::owner: break;
        case Kind::status: list.where("status =", source.term->number); break;
        case Kind::customer: list.where("customer_id =", source.term->number); break;
        case Kind::amount:
        case Kind::amounts: break;  // each part of the statement has its own
        case Kind::metadata:
            list.where_text("name =", source.term->name);
            list.where_text("value =", source.term->text);
            break;
    }
    if (source.kind == Kind::metadata) {
        list.where("payment_id >=", range.ids.first);
        list.where("payment_id <=", range.ids.last);
    } else {
        // In the order of amounts the ids of an entry choose nothing.
        list.where(source.kind == Kind::amounts ? "+id >=" : "id >=", range.ids.first);
        list.where(source.kind == Kind::amounts ? "+id <=" : "id <=", range.ids.last);
    }
    return list;
}

// The entries of the source. Those of several amounts come in a part for each.
class Entries {
 public:
    Entries(const SearchSource& source, const SearchRange& range)
        : source_{source}, list_{conditions_of(source, range)} {}

    std::string text(std::string_view select) const {
        const std::string part = list_.text_of_all(select);
        if (source_.amounts.empty()) return part;
        std::string text;
        std::size_t next = list_.next_parameter();
        const auto add = [&text, &next](std::string_view condition) {
            text.append(condition).append(std::to_string(next++));
        };
        for (std::size_t i = 0; i < source_.amounts.size(); ++i) {
            text.append(i == 0 ? "" : " UNION ALL ").append(part);
            if (source_.kind == Kind::amount) {
                add(" AND amount_thousandths = $");
            } else {
                add(" AND amount_thousandths >= $");
                add(" AND amount_thousandths <= $");
            }
        }
        return text;
    }
    std::string text_in_order() const;
    std::string next_parameter() const {
        const std::size_t of_each = source_.kind == Kind::amount ? 1 : 2;
        return std::to_string(list_.next_parameter() + of_each * source_.amounts.size());
    }
    void bind_to(storage::Query& query) const {
        list_.bind_to_all(query);
        for (const Bounds& amounts : source_.amounts) {
            query.bind(amounts.first);
            if (source_.kind == Kind::amounts) query.bind(amounts.last);
        }
    }

 private:
    const SearchSource& source_;
    storage::ListQuery list_;
};

// Equal amounts are merged from parts that lie in the order of ids. Ranges do not and are sorted:
// the plus keeps each from another index that has the order, and would be walked to its end.
std::string Entries::text_in_order() const {
    const std::string entries = text(select_of(source_.kind));
    if (source_.kind == Kind::metadata) return entries + " ORDER BY payment_id DESC";
    if (source_.kind != Kind::amounts) return entries + " ORDER BY id DESC";
    return "SELECT id, amount_thousandths, currency FROM (" + entries
           + ") AS entries ORDER BY +id DESC";
}

Result<std::int64_t, StoreError>
probe(Connection& connection, const SearchSource& source, const SearchRange& range) {
    const Entries entries{source, range};
    std::string text = "SELECT COUNT(*) FROM (";
    text += entries.text(source.kind == Kind::metadata ? kFromMetadata : kFromIds);
    text.append(" LIMIT $").append(entries.next_parameter()).append(") AS probed");
    auto query = connection.query(text);
    entries.bind_to(query);
    query.bind(kProbedRowsMax);
    return read_count(query);
}

std::vector<SearchSource> possible_sources(const SearchRange& range) {
    std::vector<SearchSource> sources;
    for (const SearchTerm& term : range.terms) {
        if (term.sense == SearchTerm::Sense::negated) continue;
        if (term.compare != SearchTerm::Compare::equal) continue;
        if (term.field == SearchTerm::Field::customer)
            sources.push_back({.kind = Kind::customer, .term = &term});
        if (term.field == SearchTerm::Field::metadata)
            sources.push_back({.kind = Kind::metadata, .term = &term});
        if (term.field == SearchTerm::Field::status)
            sources.push_back({.kind = Kind::status, .term = &term});
    }
    if (auto amounts = amount_bounds(range.terms); !amounts.empty()) {
        const bool is_equal = amounts.front().first == amounts.front().last;
        const Kind kind = is_equal ? Kind::amount : Kind::amounts;
        sources.push_back({.kind = kind, .amounts = std::move(amounts)});
    }
    return sources;
}

// Where nothing is rare: the smallest share of all that an index picks out, as a rule.
int rank_of(Kind kind) {
    switch (kind) {
        case Kind::customer: return 0;
        case Kind::metadata: return 1;
        case Kind::amount: return 2;
        case Kind::status: return 3;
        case Kind::owner: return 4;
        case Kind::amounts: return 5;  // must be sorted, so only when few
    }
    return 5;
}

}  // namespace

Result<SearchSource, StoreError>
most_telling_source(Connection& connection, const SearchRange& range) {
    SearchSource best;
    std::int64_t best_rows = kProbedRowsMax;
    for (const SearchSource& source : possible_sources(range)) {
        const auto rows = probe(connection, source, range);
        if (!rows) return rows.error();
        const bool is_better =
            *rows < best_rows || (*rows == best_rows && rank_of(source.kind) < rank_of(best.kind));
        if (!is_better) continue;
        best = source;
        best_rows = *rows;
    }
    return best;
}

Result<Candidates, StoreError> next_candidates(
    Connection& connection,
    const SearchSource& source,
    const SearchRange& range,
    const CandidateLimits& limits
) {
    const Entries entries{source, range};
    const std::string text = entries.text_in_order() + " LIMIT $" + entries.next_parameter();
    auto query = connection.query(text);
    entries.bind_to(query);
    query.bind(limits.looked_at_max);
    Candidates candidates;
    while (static_cast<std::int64_t>(candidates.found.size()) < limits.found_max) {
        const auto step = query.step();
        if (!step) return step.error();
        if (*step == storage::Step::done) {
            if (candidates.looked_at < limits.looked_at_max)
                candidates.ended = Candidates::Ended::yes;
            return candidates;
        }
        candidates.looked_at += 1;
        candidates.last_looked_at = query.integer(0);
        if (tells_money(source.kind) && !may_match(range.terms, {query.integer(1), query.text(2)}))
            continue;
        candidates.found.push_back(PaymentId{query.integer(0)});
    }
    return candidates;
}

}  // namespace postern::payments
