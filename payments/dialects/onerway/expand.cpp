#include "payments/dialects/onerway/expand.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace postern::payments::onerway {
namespace {

constexpr std::string_view kData = "data";
constexpr std::string_view kTotalCount = "total_count";

struct Edge {
    Kind from;
    std::string_view name;
    Kind to;
};

constexpr std::array kEdges = std::to_array<Edge>({
    {Kind::payment_intent, "application", Kind::nothing},
    {Kind::payment_intent, "customer", Kind::customer},
    {Kind::payment_intent, "latest_charge", Kind::charge},
    {Kind::payment_intent, "on_behalf_of", Kind::nothing},
    {Kind::payment_intent, "payment_method", Kind::payment_method},
    {Kind::payment_intent, "review", Kind::nothing},
    {Kind::payment_intent, "source", Kind::nothing},
    {Kind::public_payment_intent, "payment_method", Kind::nothing},
    {Kind::charge, "application", Kind::nothing},
    {Kind::charge, "application_fee", Kind::nothing},
    {Kind::charge, "balance_transaction", Kind::balance_transaction},
    {Kind::charge, "customer", Kind::customer},
    {Kind::charge, "failure_balance_transaction", Kind::nothing},
    {Kind::charge, "on_behalf_of", Kind::nothing},
    {Kind::charge, "payment_intent", Kind::payment_intent},
    {Kind::charge, "refunds", Kind::refund_list},
    {Kind::charge, "review", Kind::nothing},
    {Kind::charge, "source_transfer", Kind::nothing},
    {Kind::refund_list, kData, Kind::refund},
    {Kind::refund, "balance_transaction", Kind::balance_transaction},
    {Kind::refund, "charge", Kind::charge},
    {Kind::refund, "customer", Kind::customer},
    {Kind::refund, "failure_balance_transaction", Kind::balance_transaction},
    {Kind::refund, "payment_intent", Kind::payment_intent},
    {Kind::refund, "payment_method", Kind::payment_method},
    {Kind::refund, "source_transfer_reversal", Kind::nothing},
    {Kind::refund, "transfer_reversal", Kind::nothing},
    {Kind::dispute, "charge", Kind::charge},
    {Kind::dispute, "payment_intent", Kind::payment_intent},
    {Kind::customer, "default_source", Kind::nothing},
    {Kind::customer, "invoice_settings", Kind::invoice_settings},
    {Kind::customer, "test_clock", Kind::nothing},
    {Kind::invoice_settings, "default_payment_method", Kind::payment_method},
    {Kind::payment_method, "customer", Kind::customer},
    {Kind::payout, "application_fee", Kind::nothing},
    {Kind::payout, "balance_transaction", Kind::balance_transaction},
    {Kind::payout, "destination", Kind::nothing},
    {Kind::payout, "failure_balance_transaction", Kind::balance_transaction},
    {Kind::payout, "original_payout", Kind::nothing},
    {Kind::payout, "reversed_by", Kind::nothing},
    {Kind::transfer, "balance_transaction", Kind::balance_transaction},
    {Kind::transfer, "destination", Kind::nothing},
    {Kind::transfer, "source_transaction", Kind::charge},
    {Kind::transfer_reversal, "balance_transaction", Kind::balance_transaction},
    {Kind::transfer_reversal, "destination_payment_refund", Kind::nothing},
    {Kind::transfer_reversal, "source_refund", Kind::nothing},
    {Kind::transfer_reversal, "transfer", Kind::transfer},
    {Kind::balance_transaction, "source", Kind::balance_source},
});

// All that money is moved by.
constexpr std::array kSources = {
    Kind::charge,
    Kind::refund,
    Kind::dispute,
    Kind::payout,
    Kind::transfer,
    Kind::transfer_reversal};

std::optional<Kind> follow_one(Kind from, std::string_view name) {
    for (const Edge& edge : kEdges) {
        if (edge.from == from && edge.name == name) return edge.to;
    }
    return std::nullopt;
}

// A source may be of any kind, so any kind's name is one of its names.
std::optional<Kind> follow(Kind from, std::string_view name) {
    if (from != Kind::balance_source) return follow_one(from, name);
    for (const Kind kind : kSources) {
        if (const auto to = follow_one(kind, name)) return to;
    }
    return std::nullopt;
}

// A part of its object, which can be led through and is never anything else than whole.
bool is_only_passed(Kind kind) {
    return kind == Kind::invoice_settings;
}

std::vector<std::string_view> split(std::string_view path) {
    std::vector<std::string_view> names;
    for (;;) {
        const auto dot = path.find('.');
        names.push_back(path.substr(0, dot));
        if (dot == std::string_view::npos) return names;
        path.remove_prefix(dot + 1);
    }
}

ExpandTree& child(ExpandTree& tree, std::string_view name) {
    for (ExpandMember& member : tree.members) {
        if (member.name == name) return member.below;
    }
    tree.members.push_back({std::string{name}, {}});
    return tree.members.back().below;
}

void complain(Parameters& parameters, std::string message) {
    parameters.complain({.message = std::move(message), .parameter = "expand"});
}

void cannot_expand(Parameters& parameters, std::string_view path) {
    std::string message = "This property cannot be expanded (";
    message += path;
    message += ").";
    complain(parameters, std::move(message));
}

struct Root {
    Kind kind = Kind::nothing;
    enum class Of { object, list } of = Of::object;
};

void add_path(Parameters& parameters, const Root& root, std::string_view path, ExpandTree& tree) {
    std::vector<std::string_view> names = split(path);
    if (root.of == Root::Of::list) {
        if (names.front() != kData || names.size() == 1) return cannot_expand(parameters, path);
        names.erase(names.begin());
    }
    if (names.size() > kExpandLevelsMax) {
        std::string message = "You cannot expand more than 4 levels of a property. Property: ";
        message += path;
        return complain(parameters, std::move(message));
    }
    Kind kind = root.kind;
    for (const std::string_view name : names) {
        const auto next = follow(kind, name);
        if (!next) return cannot_expand(parameters, path);
        kind = *next;
    }
    if (is_only_passed(kind)) return cannot_expand(parameters, path);
    ExpandTree* at = &tree;
    for (const std::string_view name : names) at = &child(*at, name);
}

ExpandTree read_paths(Parameters& parameters, const Root& root) {
    ExpandTree tree;
    const auto paths = parameters.texts("expand");
    if (!paths) return tree;
    for (const std::string& path : *paths) add_path(parameters, root, path, tree);
    return tree;
}

}  // namespace

const ExpandTree* ExpandTree::find(std::string_view name) const {
    for (const ExpandMember& member : members) {
        if (member.name == name) return &member.below;
    }
    return nullptr;
}

ExpandTree read_expand(Parameters& parameters, Kind kind) {
    return read_paths(parameters, {kind, Root::Of::object});
}

ExpandTree read_list_expand(Parameters& parameters, Kind kind) {
    return read_paths(parameters, {kind, Root::Of::list});
}

SearchExpand read_search_expand(Parameters& parameters, Kind kind) {
    SearchExpand expand;
    const auto paths = parameters.texts("expand");
    if (!paths) return expand;
    for (const std::string& path : *paths) {
        if (path == kTotalCount) {
            expand.total_count = SearchExpand::TotalCount::yes;
        } else {
            add_path(parameters, {kind, Root::Of::list}, path, expand.data);
        }
    }
    return expand;
}

}  // namespace postern::payments::onerway
