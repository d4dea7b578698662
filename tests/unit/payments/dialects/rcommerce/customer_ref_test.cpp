#include "payments/dialects/rcommerce/customer_ref.hpp"

#include "tests/unit/payments/dialects/rcommerce/rcommerce_fixture.hpp"

namespace postern::payments::rcommerce {
namespace {

TEST(RcommerceCustomers, KnowsAUuidWhenItSeesOne) {
    EXPECT_TRUE(is_uuid(kCustomer));
    EXPECT_TRUE(is_uuid("550E8400-E29B-41D4-A716-446655440001"));
    for (const std::string_view bad :
         {"",
          "550e8400e29b41d4a716446655440001",
          "550e8400-e29b-41d4-a716-44665544000",
          "550e8400-e29b-41d4-a716-44665544000g",
          "550e8400_e29b_41d4_a716_446655440001"}) {
        EXPECT_FALSE(is_uuid(bad)) << bad;
    }
}

class RcommerceCustomerRefs : public RcommerceTest {
 protected:
    Books books() {
        const Owner owner{storage::kDefaultAccount, storage::Livemode::test};
        return {database_->writer(), *around_, owner, clock_.now()};
    }
};

TEST_F(RcommerceCustomerRefs, TakesAShopsOwnIdAndOurs) {
    EXPECT_TRUE(is_customer_spelling(around_->ids, kCustomer));
    EXPECT_TRUE(is_customer_spelling(around_->ids, stripe_id(around_->ids, CustomerId{5})));
    EXPECT_TRUE(is_customer_spelling(around_->ids, around_->ids.encode(CustomerId{5})));
    EXPECT_FALSE(is_customer_spelling(around_->ids, "cus_nobody"));
    EXPECT_FALSE(is_customer_spelling(around_->ids, "john"));
}

TEST_F(RcommerceCustomerRefs, KnowsAShopsCustomerFromTheFirstUseOn) {
    const auto before = known_customer(books(), kCustomer);
    ASSERT_TRUE(before.has_value());
    EXPECT_FALSE(before->has_value());
    const std::string more =
        R"("customer_id":")" + std::string{kCustomer} + R"(","customer_email":"a@b.test")";
    const Answer made = post("/api/v1/payments", newer_body(kGoodCard, more));
    ASSERT_EQ(made.status(), 201) << made.body();
    const auto after = known_customer(books(), kCustomer);
    ASSERT_TRUE(after.has_value() && after->has_value());
    EXPECT_EQ((*after)->external_id, kCustomer);
    EXPECT_EQ((*after)->email, "a@b.test");
    const auto by_ours = known_customer(books(), stripe_id(around_->ids, (*after)->id));
    ASSERT_TRUE(by_ours.has_value() && by_ours->has_value());
    EXPECT_EQ((*by_ours)->id, (*after)->id);
}

}  // namespace
}  // namespace postern::payments::rcommerce
