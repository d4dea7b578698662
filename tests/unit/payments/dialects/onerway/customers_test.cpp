#include "tests/unit/payments/dialects/onerway/onerway_fixture.hpp"

namespace postern::payments::onerway {
namespace {

POSTERN_ONERWAY_SUITE(CustomersTest);

TEST_P(CustomersTest, AreMadeChangedAndDeleted) {
    const Answer made = post(
        "/v1/customers",
        "email=jenny@shop.example&name=Jenny&metadata[user]=123&address[line1]=Street 1"
        "&shipping[name]=Jenny&shipping[address][line1]=Street 1"
    );
    EXPECT_EQ(made.status(), 200) << made.body();
    EXPECT_TRUE(made.id().starts_with("cus_"));
    EXPECT_EQ(made.at("address.line1"), "Street 1");
    EXPECT_EQ(made.at("shipping.name"), "Jenny");
    const std::string path = "/v1/customers/" + made.id();
    const Answer changed = post(path, "name=&phone=123&shipping=&metadata[user]=&metadata[b]=2");
    EXPECT_EQ(changed.at("name"), "null") << changed.body();
    EXPECT_EQ(changed.at("phone"), "123");
    EXPECT_EQ(changed.at("email"), "jenny@shop.example");
    EXPECT_EQ(changed.at("shipping"), "null");
    EXPECT_EQ(changed.at("metadata.user"), "missing");
    EXPECT_EQ(changed.at("metadata.b"), "2");
    const Answer deleted = remove(path);
    EXPECT_EQ(
        deleted.body(), R"({"id":")" + made.id() + R"(","object":"customer","deleted":true})"
    );
    EXPECT_EQ(get(path).at("deleted"), "true");
    EXPECT_EQ(post(path, "name=x").status(), 404);
    EXPECT_EQ(remove(path).status(), 404);
}

TEST_P(CustomersTest, LoseWhatIsSentEmpty) {
    const Answer made = post(
        "/v1/customers",
        "payment_method=pm_card_visa&email=a@b.example&name=n&phone=1&description=d"
        "&address[line1]=x&shipping[name]=n&shipping[address][line1]=x&metadata[a]=b"
    );
    const std::string path = "/v1/customers/" + made.id();
    const std::string method = get(path + "/payment_methods").ids().front();
    const std::string parameter = "invoice_settings[default_payment_method]=";
    EXPECT_EQ(post(path, parameter + method).at("invoice_settings.default_payment_method"), method);
    told();
    const Answer cleared = post(path, parameter);
    EXPECT_EQ(cleared.at("invoice_settings.default_payment_method"), "null") << cleared.body();
    EXPECT_EQ(told(), std::vector<std::string>{"customer.updated"});
    EXPECT_EQ(post(path, parameter).status(), 200) << "as it was";
    EXPECT_EQ(told(), std::vector<std::string>{});
    EXPECT_EQ(get(path + "/payment_methods").ids().size(), 1U) << "still the customer's";
    const Answer bare = post(path, "email=&name=&phone=&description=&address=&shipping=&metadata=");
    for (const char* name : {"email", "name", "phone", "description", "address", "shipping"}) {
        EXPECT_EQ(bare.at(name), "null") << name;
    }
    EXPECT_EQ(bare.at("metadata.a"), "missing");
}

TEST_P(CustomersTest, AreRefusedInStripesWords) {
    const std::pair<const char*, const char*> cases[] = {
        {"email=jenny", "400 email_invalid|email|Invalid email address: jenny"},
        {"nmae=Jenny", "400 parameter_unknown|nmae|Received unknown parameter: nmae"},
        {"payment_method=",
         "400 parameter_invalid_empty|payment_method|You passed an empty string for "
         "'payment_method'. We assume empty values are an attempt to unset a parameter; however "
         "'payment_method' cannot be unset. You should remove 'payment_method' from your request "
         "or supply a non-empty value."},
        {"metadata=5", "400 |metadata|Invalid hash: metadata"},
        {"address=5", "400 |address|Invalid object"},
    };
    for (const auto& [form, error] : cases) {
        SCOPED_TRACE(form);
        EXPECT_EQ(post("/v1/customers", form).error(), error);
    }
    EXPECT_EQ(rows("customers"), 0);
}

TEST_P(CustomersTest, BringTheirMethodAlong) {
    const Answer made = post(
        "/v1/customers",
        "payment_method=pm_card_visa&expand[]=invoice_settings.default_payment_method"
    );
    EXPECT_EQ(made.status(), 200) << made.body();
    const std::string path = "/v1/customers/" + made.id();
    const Answer methods = get(path + "/payment_methods");
    ASSERT_EQ(methods.ids().size(), 1U) << methods.body();
    const std::string method = methods.ids().front();
    const Answer chosen = post(
        path,
        "invoice_settings[default_payment_method]=" + method
            + "&expand[]=invoice_settings.default_payment_method"
    );
    EXPECT_EQ(chosen.at("invoice_settings.default_payment_method.card.last4"), "4242")
        << chosen.body();
    const Answer again = post("/v1/customers", "payment_method=" + method);
    EXPECT_EQ(again.status(), 400);
    EXPECT_EQ(rows("customers"), 1);
}

TEST_P(CustomersTest, AreListedByEmailAndMoment) {
    made("/v1/customers", "email=a@shop.example");
    clock_.at += std::chrono::seconds{10};
    const std::string b = made("/v1/customers", "email=b@shop.example");
    EXPECT_EQ(get("/v1/customers?email=b@shop.example").ids(), std::vector{b});
    EXPECT_EQ(get("/v1/customers?email=B@shop.example").ids().size(), 0U);
    EXPECT_EQ(get("/v1/customers?created[gte]=1700000010").ids(), std::vector{b});
    EXPECT_EQ(get("/v1/customers?created=1700000010").ids(), std::vector{b});
    EXPECT_EQ(get("/v1/customers?created[lt]=1700000010").ids().size(), 1U);
}

TEST_P(CustomersTest, ShowTheirOwnMethodsOnly) {
    const std::string a = made("/v1/customers", "payment_method=pm_card_visa");
    const std::string b = made("/v1/customers", "payment_method=pm_card_mastercard");
    const std::string of_b = get("/v1/customers/" + b + "/payment_methods").ids().front();
    EXPECT_EQ(
        get("/v1/customers/" + b + "/payment_methods/" + of_b).at("card.brand"), "mastercard"
    );
    EXPECT_EQ(
        get("/v1/customers/" + a + "/payment_methods/" + of_b).error(),
        "404 resource_missing|payment_method|No such PaymentMethod: '" + of_b + "'"
    );
    EXPECT_EQ(get("/v1/customers/" + a + "/payment_methods?type=alipay").ids().size(), 0U);
    EXPECT_EQ(
        get("/v1/customers/cus_nobody/payment_methods").error(),
        "404 resource_missing|id|No such customer: 'cus_nobody'"
    );
    EXPECT_EQ(get("/v1/payment_methods?customer=" + b).ids(), std::vector{of_b});
}

}  // namespace
}  // namespace postern::payments::onerway
