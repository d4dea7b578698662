#include "payments/records/details_json.hpp"

#include <gtest/gtest.h>

namespace postern::payments {
namespace {

template <class Value>
std::string written(const Value& value) {
    std::string text;
    JsonWriter writer{text};
    write_json(writer, value);
    return text;
}

template <class Value>
Value again(const Value& value) {
    const auto document = parse_details(written(value));
    EXPECT_TRUE(document.has_value());
    Value read{};
    if (document) read_json(document->root(), read);
    return read;
}

const Address kAddress{"1 Main St", "Flat 2", "Berlin", "BE", "10115", "DE"};

Card full_card() {
    Card card;
    card.brand = CardBrand::amex;
    card.last4 = "0005";
    card.exp_month = 12;
    card.exp_year = 2031;
    card.funding = "debit";
    card.country = "GB";
    card.fingerprint = "abc";
    card.holder_name = "Jenny \"J\" 罗森";
    card.cvc_check = Card::CvcCheck::fail;
    card.scenario = CardScenario::refund_fails;
    return card;
}

PaymentDetails full_details() {
    PaymentDetails details;
    details.description = "an order\nof two lines";
    details.receipt_email = "a@b.example";
    details.statement_descriptor = "SHOP";
    details.statement_descriptor_suffix = "7";
    details.setup_future_usage = "off_session";
    details.return_url = "https://shop.example/back";
    details.transfer_group = "g1";
    details.shipping = Shipping{"Jenny", "+49", "DHL", "T1", kAddress};
    details.method_types = {"card", "alipay"};
    details.method_options = R"({"card":{"request_three_d_secure":"any"}})";
    details.metadata = {{"b", "2"}, {"a", ""}, {"ключ", "значение"}};
    return details;
}

TEST(DetailsJson, ReadsWhatItWrote) {
    const BillingDetails billing{"Jenny", "a@b.example", "+1", kAddress};
    const BankAccount bank{"6789", "110000000", "Jenny", "STRIPE TEST BANK", "f"};
    const PaymentError error{"card_declined", "generic_decline", "No."};
    const NextAction action{
        NextAction::Kind::qr_code,
        ActionId{77},
        "https://a",
        "weixin://x",
        "https://b",
        from_unix_microseconds(1'700'000'000'123'456)};
    EXPECT_EQ(again(full_card()), full_card());
    EXPECT_EQ(again(full_details()), full_details());
    EXPECT_EQ(again(billing), billing);
    EXPECT_EQ(again(bank), bank);
    EXPECT_EQ(again(error), error);
    EXPECT_EQ(again(action), action);
    EXPECT_EQ(again(kAddress), kAddress);
}

TEST(DetailsJson, KeepsWhatHoldsNothingButIsThere) {
    PaymentDetails details;
    details.shipping.emplace();
    EXPECT_EQ(again(details), details);
    EXPECT_EQ(again(BillingDetails{}), BillingDetails{});
    EXPECT_EQ(again(PaymentDetails{}), PaymentDetails{});
}

TEST(DetailsJson, LeavesOutWhatIsEmpty) {
    EXPECT_EQ(written(PaymentDetails{}), "{}");
    EXPECT_EQ(metadata_text({}), "{}");
    EXPECT_EQ(metadata_text({{"z", "1"}, {"a", "2"}}), R"({"z":"1","a":"2"})");
}

TEST(DetailsJson, PassesOverWhatItDoesNotKnow) {
    const auto document = parse_details(R"({"description":"d","of_a_newer_program":{"a":[1]}})");
    ASSERT_TRUE(document.has_value());
    PaymentDetails details;
    read_json(document->root(), details);
    EXPECT_EQ(details.description, "d");
}

TEST(DetailsJson, CallsDamagedTextAFailedRead) {
    const auto document = parse_details(R"({"description":)");
    ASSERT_TRUE(document.has_error());
    EXPECT_EQ(document.error(), storage::StoreError::failed);
}

}  // namespace
}  // namespace postern::payments
