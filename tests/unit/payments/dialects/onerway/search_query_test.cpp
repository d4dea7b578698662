#include "payments/dialects/onerway/search_query.hpp"

#include "payments/domain/payment.hpp"

#include <gtest/gtest.h>

namespace postern::payments::onerway {
namespace {

using Field = SearchTerm::Field;
using Compare = SearchTerm::Compare;
using Join = PaymentSearch::Join;

const IdCodec kIds{SipKey{}};

std::string_view spelled(Field field) {
    switch (field) {
        case Field::amount: return "amount";
        case Field::created: return "created";
        case Field::currency: return "currency";
        case Field::customer: return "customer";
        case Field::status: return "status";
        case Field::metadata: return "metadata";
    }
    return "";
}

std::string_view spelled(Compare compare) {
    switch (compare) {
        case Compare::equal: return "=";
        case Compare::greater: return ">";
        case Compare::less: return "<";
        case Compare::greater_equal: return ">=";
        case Compare::less_equal: return "<=";
        case Compare::absent: return " absent";
    }
    return "";
}

// "not amount>5 & metadata[a]=x", numbers and texts as they were understood.
std::string understood(std::string_view text) {
    const auto query = parse_search(kIds, text);
    if (!query) return "none";
    std::string spelling;
    for (const SearchTerm& term : query->terms) {
        if (!spelling.empty()) spelling += query->join == Join::all ? " & " : " | ";
        if (term.sense == SearchTerm::Sense::negated) spelling += "not ";
        spelling += spelled(term.field);
        if (!term.name.empty()) spelling += '[' + term.name + ']';
        spelling += spelled(term.compare);
        if (term.compare == Compare::absent) continue;
        spelling += term.text.empty() ? std::to_string(term.number) : term.text;
    }
    return spelling;
}

TEST(SearchQuery, IsReadAsStripesLanguage) {
    const std::pair<const char*, const char*> cases[] = {
        {"amount:1000", "amount=1000"},
        {"amount:\"1000\"", "amount=1000"},
        {"amount>1000", "amount>1000"},
        {"amount>=1000", "amount>=1000"},
        {"created<1700000000", "created<1700000000"},
        {"created<=1700000000", "created<=1700000000"},
        {"currency:'USD'", "currency=usd"},
        {"currency:usd", "currency=usd"},
        {"status:'succeeded'", "status=5"},
        {"-status:\"canceled\"", "not status=6"},
        {"customer:'cus_nobody'", "customer=-1"},
        {"customer:null", "customer absent"},
        {"metadata['order']:'6735'", "metadata[order]=6735"},
        {"metadata[\"order\"]:\"a \\\"b\\\"\"", "metadata[order]=a \"b\""},
        {"metadata['order']:null", "metadata[order] absent"},
        {"-metadata['order']:null", "not metadata[order] absent"},
        {"metadata['order']:'null'", "metadata[order]=null"},
        {"amount>5 AND status:'succeeded'", "amount>5 & status=5"},
        {"amount>5 and status:'succeeded'", "amount>5 & status=5"},
        {"amount>5 status:'succeeded'", "amount>5 & status=5"},
        {"amount>5 OR amount<2", "amount>5 | amount<2"},
        {"  amount:5  ", "amount=5"},
    };
    for (const auto& [text, wanted] : cases) {
        SCOPED_TRACE(text);
        EXPECT_EQ(understood(text), wanted);
    }
    const std::string customer = stripe_id(kIds, CustomerId{77});
    EXPECT_EQ(understood("customer:'" + customer + "'"), "customer=77");
}

TEST(SearchQuery, IsRefusedWhereItIsNone) {
    for (const char* text :
         {"",
          " ",
          "amount",
          "amount:",
          "amount:much",
          "amount~5",
          "volume:5",
          "amount:5 AND",
          "AND amount:5",
          "amount:5 AND OR amount:6",
          "amount:5 AND amount:6 OR amount:7",
          "amount:5 amount:6 OR amount:7",
          "status:'unknown'",
          "status>'succeeded'",
          "currency:null",
          "metadata:'a'",
          "metadata['a'",
          "metadata[a]:'b'",
          "metadata['a']>'b'",
          "status:'succeeded",
          "status:succ'eeded'",
          "status:'a'amount:5",
          "-",
          "amount:5)",
          "amount:1 amount:2 amount:3 amount:4 amount:5 amount:6 amount:7 amount:8 amount:9 "
          "amount:10 amount:11"}) {
        SCOPED_TRACE(text);
        EXPECT_EQ(understood(text), "none");
    }
}

}  // namespace
}  // namespace postern::payments::onerway
