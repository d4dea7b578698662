#include "payments/dialects/onerway/expand.hpp"

#include <gtest/gtest.h>

namespace postern::payments::onerway {
namespace {

std::string spelled(const ExpandTree& tree) {
    std::string text;
    for (const ExpandMember& member : tree.members) {
        if (!text.empty()) text += ',';
        text += member.name;
        if (!member.below.members.empty()) text += '{' + spelled(member.below) + '}';
    }
    return text;
}

enum class Of { object, list };

std::string outcome(std::string_view form, Kind kind, Of of = Of::object) {
    const auto root = read_form(form);
    EXPECT_TRUE(root.has_value());
    Parameters parameters{*root};
    const ExpandTree tree =
        of == Of::object ? read_expand(parameters, kind) : read_list_expand(parameters, kind);
    const auto complaint = parameters.finish();
    if (!complaint) return spelled(tree);
    EXPECT_EQ(complaint->parameter, "expand");
    return complaint->message;
}

TEST(Expand, LeadsWhereReferencesLead) {
    EXPECT_EQ(outcome("", Kind::charge), "");
    EXPECT_EQ(outcome("expand[]=customer", Kind::payment_intent), "customer");
    EXPECT_EQ(
        outcome("expand[0]=latest_charge.refunds&expand[1]=latest_charge", Kind::payment_intent),
        "latest_charge{refunds}"
    );
    EXPECT_EQ(
        outcome("expand[]=payment_intent.latest_charge.balance_transaction.source", Kind::dispute),
        "payment_intent{latest_charge{balance_transaction{source}}}"
    );
    EXPECT_EQ(
        outcome("expand[]=invoice_settings.default_payment_method", Kind::customer),
        "invoice_settings{default_payment_method}"
    );
    EXPECT_EQ(
        outcome("expand[]=data.source.charge", Kind::balance_transaction, Of::list),
        "source{charge}"
    );
    EXPECT_EQ(outcome("expand[]=data.customer", Kind::payment_intent, Of::list), "customer");
    EXPECT_EQ(
        outcome("expand[]=refunds.data.payment_intent", Kind::charge),
        "refunds{data{payment_intent}}"
    );
}

TEST(Expand, RefusesWhatLeadsNowhere) {
    struct Case {
        const char* path;
        Kind kind;
        Of of;
    };
    const Case cases[] = {
        {"amount", Kind::payment_intent, Of::object},
        {"customer.email", Kind::payment_intent, Of::object},
        {"data.customer", Kind::payment_intent, Of::object},
        {"customer", Kind::payment_intent, Of::list},
        {"data", Kind::payment_intent, Of::list},
        {"invoice_settings", Kind::customer, Of::object},
        {"customer", Kind::public_payment_intent, Of::object},
        {"", Kind::customer, Of::object},
        {"customer.", Kind::payment_intent, Of::object},
    };
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.path);
        const std::string form = std::string{"expand[0]="} + test_case.path;
        const std::string wanted =
            std::string{"This property cannot be expanded ("} + test_case.path + ").";
        EXPECT_EQ(outcome(form, test_case.kind, test_case.of), wanted);
    }
}

TEST(Expand, GoesFourLevelsDeepAndNoDeeper) {
    const char* deep =
        "expand[]=payment_intent.latest_charge.payment_intent.latest_charge.customer";
    EXPECT_EQ(
        outcome(deep, Kind::refund),
        "You cannot expand more than 4 levels of a property. Property: "
        "payment_intent.latest_charge.payment_intent.latest_charge.customer"
    );
}

TEST(Expand, WantsSequentialKeysInStripesWords) {
    EXPECT_TRUE(outcome("expand[1]=customer", Kind::charge)
                    .ends_with("You passed the keys `1`, we expected to have a key with the value "
                               "`0`."));
}

TEST(Expand, CountsASearchOnlyWhenAsked) {
    const auto root = read_form("expand[]=total_count&expand[]=data.customer");
    ASSERT_TRUE(root.has_value());
    Parameters parameters{*root};
    const SearchExpand expand = read_search_expand(parameters, Kind::payment_intent);
    EXPECT_EQ(parameters.finish(), std::nullopt);
    EXPECT_EQ(expand.total_count, SearchExpand::TotalCount::yes);
    EXPECT_EQ(spelled(expand.data), "customer");
}

}  // namespace
}  // namespace postern::payments::onerway
