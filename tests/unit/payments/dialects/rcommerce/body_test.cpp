#include "payments/dialects/rcommerce/body.hpp"

#include "tests/unit/payments/dialects/rcommerce/rcommerce_fixture.hpp"

namespace postern::payments::rcommerce {
namespace {

class RcommerceBody : public RcommerceTest {
 protected:
    Body body(std::string json, Language language = Language::english) {
        json_ = std::move(json);
        request_.body = json_;
        return Body{Call{
            .around = *around_,
            .request = request_,
            .path = {},
            .caller = {},
            .language = language,
            .now = clock_.at}};
    }
    // What is wrong with the body once `read` has looked at it; nothing: "".
    template <class Read>
    std::string wrong(std::string json, Read read) {
        Body sent = body(std::move(json));
        read(sent);
        auto refusal = sent.finish();
        if (!refusal) return "";
        const Answer answer{std::move(*refusal)};
        std::string said = answer.code();
        for (const std::string& field : answer.fields()) said += ' ' + field;
        return said;
    }

    std::string json_;
    HttpRequest request_;
};

struct MoneyCase {
    std::string_view body;
    std::int64_t minor;  // 0: refused
    std::string_view wrong;
};
constexpr MoneyCase kMoney[] = {
    {R"({"amount":"59.49","currency":"USD"})", 5949, ""},
    {R"({"amount":"59.4","currency":"usd"})", 5940, ""},
    {R"({"amount":"59","currency":"Eur"})", 5900, ""},
    {R"({"amount":"0.50","currency":"USD"})", 50, ""},
    {R"({"amount":"999999.99","currency":"USD"})", 99'999'999, ""},
    {R"({"amount":"500.00","currency":"JPY"})", 500, ""},
    {R"({"amount":"500","currency":"JPY"})", 500, ""},
    {R"({"amount":"500.50","currency":"JPY"})", 0, "INVALID_AMOUNT amount"},
    {R"({"amount":"0.49","currency":"USD"})", 0, "INVALID_AMOUNT amount"},
    {R"({"amount":"0.00","currency":"USD"})", 0, "INVALID_AMOUNT amount"},
    {R"({"amount":"1000000.00","currency":"USD"})", 0, "INVALID_AMOUNT amount"},
    {R"({"amount":"99999999999999999999","currency":"USD"})", 0, "INVALID_AMOUNT amount"},
    {R"({"amount":"59.499","currency":"USD"})", 0, "INVALID_AMOUNT amount"},
    {R"({"amount":"-59.49","currency":"USD"})", 0, "INVALID_AMOUNT amount"},
    {R"({"amount":"+59.49","currency":"USD"})", 0, "INVALID_AMOUNT amount"},
    {R"({"amount":"5e2","currency":"USD"})", 0, "INVALID_AMOUNT amount"},
    {R"({"amount":" 59.49","currency":"USD"})", 0, "INVALID_AMOUNT amount"},
    {R"({"amount":"59,49","currency":"USD"})", 0, "INVALID_AMOUNT amount"},
    {R"({"amount":".49","currency":"USD"})", 0, "INVALID_AMOUNT amount"},
    {R"({"amount":"","currency":"USD"})", 0, "INVALID_AMOUNT amount"},
    {R"({"amount":5949,"currency":"USD"})", 0, "INVALID_AMOUNT amount"},
    {R"({"amount":59.49,"currency":"USD"})", 0, "INVALID_AMOUNT amount"},
    {R"({"amount":"59.49","currency":"XXQ"})", 0, "INVALID_CURRENCY currency"},
    {R"({"amount":"59.49","currency":"DOLLARS"})", 0, "INVALID_CURRENCY currency"},
    {R"({"amount":"59.49","currency":840})", 0, "INVALID_CURRENCY currency"},
    {R"({"currency":"USD"})", 0, "VALIDATION_ERROR amount"},
    {R"({"amount":null,"currency":"USD"})", 0, "VALIDATION_ERROR amount"},
    {R"({"amount":"59.49"})", 0, "VALIDATION_ERROR currency"},
    {R"({})", 0, "VALIDATION_ERROR amount currency"},
};

TEST_F(RcommerceBody, ReadsMoneyExactlyOrNotAtAll) {
    for (const MoneyCase& test_case : kMoney) {
        SCOPED_TRACE(test_case.body);
        std::int64_t minor = 0;
        const std::string said = wrong(std::string{test_case.body}, [&minor](Body& body) {
            if (const auto money = body.money()) minor = money->minor;
        });
        EXPECT_EQ(said, test_case.wrong);
        EXPECT_EQ(minor, test_case.minor);
    }
}

TEST_F(RcommerceBody, RefusesWhatIsNoObject) {
    const auto nothing = [](Body&) {
    };
    EXPECT_EQ(wrong("", nothing), "");
    EXPECT_EQ(wrong("{}", nothing), "");
    EXPECT_EQ(wrong("{", nothing), "VALIDATION_ERROR body");
    EXPECT_EQ(
        wrong("{", [](Body& body) { static_cast<void>(body.money()); }), "VALIDATION_ERROR body"
    );
    EXPECT_EQ(wrong("[]", nothing), "VALIDATION_ERROR body");
    EXPECT_EQ(wrong("amount=59.49", nothing), "VALIDATION_ERROR body");
}

TEST_F(RcommerceBody, RefusesANameThatComesTwice) {
    const auto read = [](Body& body) {
        static_cast<void>(body.money());
        static_cast<void>(body.metadata());
        static_cast<void>(body.value("payment_method"));
    };
    const std::string money = R"({"amount":"5.00","currency":"USD",)";
    EXPECT_EQ(wrong(money + R"("amount":"6.00"})", read), "VALIDATION_ERROR amount");
    EXPECT_EQ(wrong(money + R"("amount":"5.00"})", read), "VALIDATION_ERROR amount");
    EXPECT_EQ(wrong(money + R"("amount":null})", read), "VALIDATION_ERROR amount amount");
    EXPECT_EQ(
        wrong(money + R"("metadata":{"a":"1","b":"2","a":"3"}})", read),
        "VALIDATION_ERROR metadata.a"
    );
    EXPECT_EQ(
        wrong(money + R"("payment_method":{"card":{"cvc":"1","cvc":"2"}}})", read),
        "VALIDATION_ERROR payment_method.card.cvc"
    );
}

TEST_F(RcommerceBody, NamesUnknownFieldsAndWhatWasMeant) {
    Body sent = body(R"({"amuont":"59.49","currency":"USD"})");
    static_cast<void>(sent.amount_text());
    static_cast<void>(sent.currency());
    const Answer answer{sent.finish().value_or(HttpReply{})};
    EXPECT_EQ(answer.code(), "VALIDATION_ERROR");
    EXPECT_EQ(answer.fields(), std::vector<std::string>{"amuont"});
    EXPECT_EQ(
        answer.text("error.details.0.message"), "is no field of this request; did you mean amount?"
    );
}

TEST_F(RcommerceBody, ComplainsInTheCallersLanguage) {
    Body sent = body("{}", Language::chinese);
    sent.require("amount");
    const Answer answer{sent.finish().value_or(HttpReply{})};
    EXPECT_EQ(answer.text("error.message"), "amount：必填");
}

TEST_F(RcommerceBody, SaysAllThatIsWrongAtOnce) {
    const std::string said =
        wrong(R"({"a":1,"b":"no","c":"x y@z","d":"x","e":"up"})", [](Body& body) {
            static_cast<void>(body.text("a"));
            static_cast<void>(body.flag("b"));
            static_cast<void>(body.email("c"));
            static_cast<void>(body.url("d"));
            constexpr std::string_view words[] = {"left", "right"};
            static_cast<void>(body.word("e", words));
        });
    EXPECT_EQ(said, "VALIDATION_ERROR a b c d e");
}

TEST_F(RcommerceBody, CountsCharactersAndNotBytes) {
    const auto read = [](Body& body) {
        static_cast<void>(body.text("description", 4));
    };
    EXPECT_EQ(wrong(R"({"description":"订单四个"})", read), "");
    EXPECT_EQ(wrong(R"({"description":"订单五个字"})", read), "VALIDATION_ERROR description");
}

TEST_F(RcommerceBody, TakesMetadataWithinItsLimits) {
    Body sent = body(R"({"metadata":{"a":"1","b":2,"c":true,"d":null}})");
    EXPECT_EQ(sent.metadata(), (Metadata{{"a", "1"}, {"b", "2"}, {"c", "true"}}));
    EXPECT_TRUE(sent.is_good());

    const auto read = [](Body& body) {
        static_cast<void>(body.metadata());
    };
    EXPECT_EQ(wrong(R"({"metadata":"x"})", read), "VALIDATION_ERROR metadata");
    EXPECT_EQ(wrong(R"({"metadata":{"a":{}}})", read), "VALIDATION_ERROR metadata.a");
    EXPECT_EQ(wrong(R"({"metadata":{"":"x"}})", read), "VALIDATION_ERROR metadata");
    const std::string long_name(41, 'n');
    EXPECT_EQ(
        wrong(R"({"metadata":{")" + long_name + R"(":"x"}})", read), "VALIDATION_ERROR metadata"
    );
    const std::string long_value(501, 'v');
    EXPECT_EQ(
        wrong(R"({"metadata":{"a":")" + long_value + R"("}})", read), "VALIDATION_ERROR metadata.a"
    );
    std::string many = R"({"metadata":{"k0":"v")";
    for (int i = 1; i <= 50; ++i) many += ",\"k" + std::to_string(i) + "\":\"v\"";
    EXPECT_EQ(wrong(many + "}}", read), "VALIDATION_ERROR metadata");
}

TEST_F(RcommerceBody, TakesAnIdempotencyKeyOfPrintableAscii) {
    Body sent = body(R"({"idempotency_key":"unique-key-123"})");
    EXPECT_EQ(sent.idempotency_key(), "unique-key-123");
    const auto read = [](Body& body) {
        static_cast<void>(body.idempotency_key());
    };
    const std::string refused = "VALIDATION_ERROR idempotency_key";
    EXPECT_EQ(wrong(R"({"idempotency_key":""})", read), refused);
    EXPECT_EQ(wrong(R"({"idempotency_key":7})", read), refused);
    EXPECT_EQ(wrong(R"({"idempotency_key":"键"})", read), refused);
    EXPECT_EQ(wrong(R"({"idempotency_key":")" + std::string(256, 'k') + R"("})", read), refused);
}

TEST(RcommerceAddresses, TakesOnlyWhatLooksLikeEmail) {
    EXPECT_TRUE(is_email("customer@example.com"));
    for (const std::string_view bad : {"", "@", "a@", "@b", "a b@c", "a@b@c", "customer"}) {
        EXPECT_FALSE(is_email(bad)) << bad;
    }
}

}  // namespace
}  // namespace postern::payments::rcommerce
