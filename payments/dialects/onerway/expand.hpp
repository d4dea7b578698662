#pragma once

#include "core/parameters.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace postern::payments::onerway {

// What an object is, for what its references lead to.
enum class Kind {
    nothing,  // has no references, or none that anything lies behind
    payment_intent,
    public_payment_intent,  // as a publishable key sees it
    charge,
    refund,
    refund_list,
    dispute,
    customer,
    invoice_settings,
    payment_method,
    payout,
    transfer,
    transfer_reversal,
    balance_transaction,
    balance_source,  // whatever moved the money
};

struct ExpandMember;

// The references to be written out whole, and what in them: customer, latest_charge.refunds.
struct ExpandTree {
    std::vector<ExpandMember> members;
    const ExpandTree* find(std::string_view name) const;
};
struct ExpandMember {
    std::string name;
    ExpandTree below;
};

inline constexpr std::size_t kExpandLevelsMax = 4;

// `expand` of an object, or of a list of them, whose names all begin with "data."; an array of
// paths. A path that leads nowhere is a complaint.
ExpandTree read_expand(Parameters& parameters, Kind kind);
ExpandTree read_list_expand(Parameters& parameters, Kind kind);
// Of a search: as a list's, and "total_count" besides.
struct SearchExpand {
    ExpandTree data;
    enum class TotalCount { no, yes } total_count = TotalCount::no;
};
SearchExpand read_search_expand(Parameters& parameters, Kind kind);

}  // namespace postern::payments::onerway
