#include "payments/dialects/rcommerce/method_input.hpp"

#include "tests/unit/payments/dialects/rcommerce/rcommerce_fixture.hpp"

namespace postern::payments::rcommerce {
namespace {

class RcommerceMethodInput : public RcommerceTest {
 protected:
    Result<MethodInput, Fault> read(std::string_view json, std::string_view gateway = "stripe") {
        const auto document = JsonDocument::parse(json);
        EXPECT_TRUE(document.has_value()) << json;
        const HttpRequest request;
        const Call call{
            .around = *around_,
            .request = request,
            .path = {},
            .caller = {.owner = owner_},
            .now = clock_.at};
        return read_method(
            call, document->root(), {.field = "payment_method", .gateway = gateways_->find(gateway)}
        );
    }
    // The code and the fields at fault; nothing: "".
    std::string wrong(std::string_view json, std::string_view gateway = "stripe") {
        const auto input = read(json, gateway);
        if (input) return "";
        std::string said{to_text(input.error().code)};
        for (const FieldFault& detail : input.error().details) said += ' ' + detail.field;
        return said;
    }

    Owner owner_;
};

constexpr std::string_view kBank =
    R"({"type":"bank_transfer","bank_transfer":{"account_number":"000123456789",)"
    R"("routing_number":"110000000","account_holder_name":"John Doe","bank_name":"测试银行"}})";

TEST_F(RcommerceMethodInput, TokenisesACardAtOnce) {
    const auto input = read(card_json(kGoodCard));
    ASSERT_TRUE(input.has_value());
    ASSERT_TRUE(input->fresh.has_value());
    const PaymentMethod& method = input->fresh->method;
    EXPECT_EQ(method.type, MethodType::card);
    ASSERT_TRUE(method.card.has_value());
    EXPECT_EQ(method.card->last4, "4242");
    EXPECT_EQ(method.card->exp_month, 12);
    EXPECT_EQ(method.card->exp_year, 2025);
    EXPECT_EQ(method.card->holder_name, "John Doe");
    EXPECT_FALSE(method.card->fingerprint.empty());
    EXPECT_TRUE(input->fresh->number.empty()) << "no vault, so nothing of it may stay";
}

TEST_F(RcommerceMethodInput, TakesMonthsAndYearsAsNumbersAndAsTexts) {
    for (const std::string_view month : {"3", R"("3")", R"("03")"}) {
        std::string json = R"({"type":"card","card":{"number":"4242 4242 4242 4242","exp_month":)";
        json += month;
        json += R"(,"exp_year":"2031","cvc":"123"}})";
        const auto input = read(json);
        ASSERT_TRUE(input.has_value()) << month;
        EXPECT_EQ(input->fresh->method.card->exp_month, 3);
        EXPECT_EQ(input->fresh->method.card->exp_year, 2031);
    }
}

TEST_F(RcommerceMethodInput, KeepsOfABankAccountOnlyItsEnd) {
    const auto input = read(kBank);
    ASSERT_TRUE(input.has_value());
    ASSERT_TRUE(input->fresh && input->fresh->method.bank);
    const BankAccount& bank = *input->fresh->method.bank;
    EXPECT_EQ(bank.last4, "6789");
    EXPECT_EQ(bank.holder_name, "John Doe");
    EXPECT_EQ(bank.bank_name, "测试银行");
}

TEST_F(RcommerceMethodInput, TakesWalletsOfTheirOwnGateways) {
    EXPECT_EQ(wrong(R"({"type":"wechat_pay"})", "wechatpay"), "");
    EXPECT_EQ(wrong(R"({"type":"wechatpay"})", "wechatpay"), "");
    EXPECT_EQ(wrong(R"({"type":"alipay"})", "alipay"), "");
    const std::string unsupported = "INVALID_PAYMENT_METHOD payment_method.type";
    EXPECT_EQ(wrong(R"({"type":"alipay"})", "stripe"), unsupported);
    EXPECT_EQ(wrong(card_json(kGoodCard), "alipay"), unsupported);
}

TEST_F(RcommerceMethodInput, TakesTokensInEverySpelling) {
    const PaymentMethodId id{4711};
    const std::string uuid = bare_uuid(around_->ids, id);
    for (const std::string& token :
         {"pm_" + uuid, "card_" + uuid, uuid, stripe_id(around_->ids, id)}) {
        SCOPED_TRACE(token);
        const auto saved = read(R"({"type":"saved_card","token":")" + token + R"("})");
        ASSERT_TRUE(saved.has_value());
        EXPECT_EQ(saved->saved, id);
        const auto bare = read('"' + token + '"');
        ASSERT_TRUE(bare.has_value());
        EXPECT_EQ(bare->saved, id);
    }
    EXPECT_TRUE(read(R"("pm_card_visa")")->fresh.has_value());
}

struct FaultCase {
    std::string_view json;
    std::string_view wrong;
};
constexpr FaultCase kFaults[] = {
    {R"(7)", "INVALID_PAYMENT_METHOD payment_method"},
    {R"({})", "INVALID_PAYMENT_METHOD payment_method.type"},
    {R"({"type":"cheque"})", "INVALID_PAYMENT_METHOD payment_method.type"},
    {R"({"type":"card"})", "INVALID_PAYMENT_METHOD payment_method.card"},
    {R"({"type":"card","card":{}})",
     "INVALID_PAYMENT_METHOD payment_method.card.number payment_method.card.exp_month "
     "payment_method.card.exp_year payment_method.card.cvc"},
    {R"({"type":"card","card":{"number":"4242424242424241",)"
     R"("exp_month":12,"exp_year":2025,"cvc":"123"}})",
     "INVALID_PAYMENT_METHOD payment_method.card.number"},
    {R"({"type":"card","card":{"number":"4242424242424242",)"
     R"("exp_month":13,"exp_year":2025,"cvc":"123"}})",
     "INVALID_PAYMENT_METHOD payment_method.card.exp_month"},
    {R"({"type":"card","card":{"number":"4242424242424242",)"
     R"("exp_month":12,"exp_year":1999,"cvc":"123"}})",
     "INVALID_PAYMENT_METHOD payment_method.card.exp_year"},
    {R"({"type":"card","card":{"number":"4242424242424242",)"
     R"("exp_month":12,"exp_year":2025,"cvc":"12"}})",
     "INVALID_PAYMENT_METHOD payment_method.card.cvc"},
    {R"({"type":"saved_card"})", "INVALID_PAYMENT_METHOD payment_method.token"},
    {R"({"type":"saved_card","token":"card_1234567890"})",
     "INVALID_PAYMENT_METHOD payment_method.token"},
    {R"("pm_nothing")", "INVALID_PAYMENT_METHOD payment_method"},
    {R"({"type":"bank_transfer"})", "INVALID_PAYMENT_METHOD payment_method.bank_transfer"},
    {R"({"type":"bank_transfer","bank_transfer":{"account_number":"000123456789"}})",
     "INVALID_PAYMENT_METHOD payment_method.bank_transfer.routing_number "
     "payment_method.bank_transfer.account_holder_name"},
    {R"({"type":"bank_transfer","bank_transfer":{"account_number":"x",)"
     R"("routing_number":"110000000","account_holder_name":"John Doe"}})",
     "INVALID_PAYMENT_METHOD payment_method.bank_transfer.account_number"},
};

TEST_F(RcommerceMethodInput, NamesWhatIsWrong) {
    for (const FaultCase& test_case : kFaults) {
        SCOPED_TRACE(test_case.json);
        EXPECT_EQ(wrong(test_case.json), test_case.wrong);
    }
}

TEST_F(RcommerceMethodInput, TakesNoLiveCardOfAYearGoneBy) {
    owner_.livemode = storage::Livemode::live;
    std::string card = card_json(kGoodCard);
    EXPECT_EQ(wrong(card), "CARD_DECLINED payment_method.card.number") << "a card for tests";
    card.replace(card.find("4242424242424242"), 16, "4539578763621486");
    EXPECT_EQ(wrong(card), "EXPIRED_CARD payment_method.card.exp_year");
}

}  // namespace
}  // namespace postern::payments::rcommerce
