#include "payments/records/lookups.hpp"
#include "payments/records/money_records.hpp"
#include "payments/records/payment_runs.hpp"
#include "payments/records/payment_search.hpp"
#include "tests/unit/payments/records/records_fixture.hpp"
#include "tests/unit/storage/query_plans.hpp"

#include <functional>

namespace postern::payments {
namespace {

constexpr storage::PageRequest<PaymentId> kPage{.after = PaymentId{5}};

struct Case {
    const char* name;
    std::function<void(Connection&)> ask;
    std::vector<const char*> plans;  // of the last statements, in their order
};

std::function<void(Connection&)> listing(PaymentFilter filter) {
    filter.owner = kMerchant;
    return [filter](Connection& connection) {
        read(list_payments(connection, filter, kPage));
    };
}
std::function<void(Connection&)> paging(FacePaymentFilter filter, NumberedPage page = {}) {
    filter.owner = kMerchant;
    return [filter, page](Connection& connection) {
        read(list_payments_by_page(connection, filter, page));
    };
}
std::function<void(Connection&)> searching(std::vector<SearchTerm> terms) {
    const PaymentSearch search{.owner = kMerchant, .terms = std::move(terms)};
    return [search](Connection& connection) {
        read(search_payments(connection, search, kPage));
    };
}

constexpr TimePoint kMoment = from_unix_seconds(1'600'000'000);
constexpr TimePoint kLater = from_unix_seconds(1'700'000'010);
constexpr NumberedPage kByAmount{.sort = NumberedPage::Sort::amount};
constexpr storage::GatewayNumber kGateway{1};
using Field = SearchTerm::Field;

const Case kPaymentLists[] = {
    {"all", listing({}), {"payments_by_owner (account_id=? AND livemode=? AND id<?)"}},
    {"of a time",
     listing({.created_from = kMoment}),
     {"payments_by_owner (account_id=? AND livemode=? AND id>? AND id<?)"}},
    {"of a customer",
     listing({.customer = CustomerId{1}, .status = PaymentStatus::succeeded}),
     {"payments_by_customer (customer_id=? AND id<?)"}},
    {"of a status",
     listing({.status = PaymentStatus::succeeded}),
     {"payments_by_status (account_id=? AND livemode=? AND status=? AND id<?)"}},
};

const Case kPages[] = {
    {"all",
     paging({}),
     {"payments_by_number (account_id=? AND livemode=? AND number>? AND number<?)"}},
    {"of a time",
     paging({.created_after = kMoment, .created_before = kMoment + std::chrono::years{10}}),
     {"payments_by_owner (account_id=? AND livemode=? AND id<?)",
      "payments_by_number (account_id=? AND livemode=? AND number>? AND number<?)"}},
    {"of a status",
     paging({.status = FaceStatus::pending}),
     {"payments_by_face_status (account_id=? AND livemode=? AND face_status=? AND id>? AND id<?)"}},
    {"of a gateway",
     paging({.gateway = kGateway}),
     {"payments_by_gateway (account_id=? AND livemode=? AND gateway=? AND id>? AND id<?)"}},
    {"of both",
     paging({.gateway = kGateway, .status = FaceStatus::pending}),
     {"payments_by_face_status (account_id=? AND livemode=? AND face_status=? AND id>? AND id<?)"}},
    {"of an order",
     paging({.order_id = "1", .status = FaceStatus::pending}),
     {"payments_by_order (account_id=? AND livemode=? AND order_id=?)",
      "payments_by_order (account_id=? AND livemode=? AND order_id=?)"}},
    {"of a customer",
     paging({.customer = CustomerId{1}, .gateway = kGateway}),
     {"COVERING INDEX payments_by_customer (customer_id=?)",
      "payments_by_customer (customer_id=?)"}},
    {"of a status by amount, in the runs",
     [](Connection& connection) {
         AmountOrder order{.owner = kMerchant, .status = FaceStatus::pending};
         EXPECT_TRUE(read_runs(connection, order).has_value());
         read(count_below(connection, order, 2'000));
         read(payments_by_amount(connection, order, {.first = 1, .count = 20}));
     },
     {"payment_runs_1 (account_id=? AND livemode=?)",
      "COVERING INDEX payments_by_amount (account_id=? AND livemode=?"
      " AND amount_thousandths>? AND amount_thousandths<?)",
      "COVERING INDEX payments_by_amount (account_id=? AND livemode=?"
      " AND amount_thousandths=? AND id>?)"}},
    {"of an amount",
     paging({.min_thousandths = 200}),
     {"payments_by_owner (account_id=? AND livemode=?)"}},
    {"of a status and an amount",
     paging({.status = FaceStatus::pending, .max_thousandths = 2'000}, kByAmount),
     {"payments_by_face_status (account_id=? AND livemode=? AND face_status=?)"}},
    {"of a status and an amount in a time",
     paging({.status = FaceStatus::pending, .max_thousandths = 200, .created_before = kLater}),
     {"COVERING INDEX payments_by_amount (account_id=? AND livemode=? AND amount_thousandths<?)",
      "payments_by_amount (account_id=? AND livemode=? AND amount_thousandths<?)"}},
};

const Case kHeld[] = {
    {"held too long",
     [](Connection& connection) {
         read(payments_held(connection, {.gateway = kGateway, .at = kLater, .rows_max = 10}));
     },
     {"payments_held (gateway=? AND created_at<?)"}},
};

const Case kSearches[] = {
    {"an amount",
     searching({{.field = Field::amount, .number = 1'000}}),
     {"COVERING INDEX payments_by_amount (account_id=? AND livemode=?"
      " AND amount_thousandths=? AND id>? AND id<?)"}},
    {"an amount of a currency",
     searching(
         {{.field = Field::amount, .number = 1'000}, {.field = Field::currency, .text = "usd"}}
     ),
     {"COVERING INDEX payments_by_amount (account_id=? AND livemode=?"
      " AND amount_thousandths=? AND id>? AND id<?)"}},
    {"a range of amounts",
     searching({{.field = Field::amount, .compare = SearchTerm::Compare::greater, .number = 1'000}}
     ),
     {"COVERING INDEX payments_by_amount (account_id=? AND livemode=?"
      " AND amount_thousandths>? AND amount_thousandths<?)"}},
    {"a narrow range of amounts",
     searching(
         {{.field = Field::amount, .compare = SearchTerm::Compare::greater, .number = 100},
          {.field = Field::amount, .compare = SearchTerm::Compare::less, .number = 200}}
     ),
     {"COVERING INDEX payments_by_amount (account_id=? AND livemode=?"
      " AND amount_thousandths>? AND amount_thousandths<?)"}},
    {"a customer",
     searching({{.field = Field::customer, .number = 1}}),
     {"payments_by_customer (customer_id=? AND id>? AND id<?)"}},
    {"a status",
     searching({{.field = Field::status, .number = 1}}),
     {"COVERING INDEX payments_by_status (account_id=? AND livemode=? AND status=? AND id>?"}},
    {"a pair",
     searching({{.field = Field::metadata, .name = "shop", .text = "1"}}),
     {"payment_metadata_1 (account_id=? AND livemode=? AND name=? AND value=? AND payment_id>?"}},
    {"a currency",
     searching({{.field = Field::currency, .text = "eur"}}),
     {"COVERING INDEX payments_by_owner (account_id=? AND livemode=? AND id>? AND id<?)"}},
};

const Case kMoney[] = {
    {"charges",
     [](Connection& connection) { read(list_charges(connection, {.owner = kMerchant}, {})); },
     {"charges_by_owner (account_id=? AND livemode=?)"}},
    {"charges of a payment",
     [](Connection& connection) {
         read(list_charges(connection, {.owner = kMerchant, .payment = PaymentId{1}}, {}));
     },
     {"charges_by_payment (payment_id=?)"}},
    {"charges of a customer",
     [](Connection& connection) {
         read(list_charges(connection, {.owner = kMerchant, .customer = CustomerId{1}}, {}));
     },
     {"charges_by_customer (customer_id=?)"}},
    {"refunds",
     [](Connection& connection) { read(list_refunds(connection, {.owner = kMerchant}, {})); },
     {"refunds_by_owner (account_id=? AND livemode=?)"}},
    {"refunds of a payment",
     [](Connection& connection) {
         read(list_refunds(connection, {.owner = kMerchant, .payment = PaymentId{1}}, {}));
     },
     {"refunds_by_payment (payment_id=?)"}},
    {"refunds of a charge",
     [](Connection& connection) {
         read(list_refunds(connection, {.owner = kMerchant, .charge = ChargeId{1}}, {}));
     },
     {"refunds_by_charge (charge_id=?)"}},
    {"disputes",
     [](Connection& connection) { read(list_disputes(connection, {.owner = kMerchant}, {})); },
     {"disputes_by_owner (account_id=? AND livemode=?)"}},
    {"disputes of a status",
     [](Connection& connection) {
         const DisputeFilter filter{.owner = kMerchant, .status = DisputeStatus::lost};
         read(count_disputes(connection, filter));
         read(list_disputes(connection, filter, {}));
     },
     {"COVERING INDEX disputes_by_status (account_id=? AND livemode=? AND status=?)",
      "disputes_by_status (account_id=? AND livemode=? AND status=?)"}},
    {"disputes of a charge",
     [](Connection& connection) {
         read(list_disputes(connection, {.owner = kMerchant, .charge = ChargeId{1}}, {}));
     },
     {"disputes_by_charge (charge_id=?)"}},
    {"a payment, a refund and a dispute by the gateway's id",
     [](Connection& connection) {
         const GatewayObject which{kGateway, "1"};
         read(find_payment_by_gateway_id(connection, which));
         read(find_refund_by_gateway_id(connection, which));
         read(find_dispute_by_gateway_id(connection, which));
     },
     {"payments_by_gateway_id (gateway=? AND gateway_payment_id=?)",
      "refunds_by_gateway_id (gateway=? AND gateway_refund_id=?)",
      "disputes_by_gateway_id (gateway=? AND gateway_dispute_id=?)"}},
};

class PaymentQueryPlanTest : public RecordsTest {
 protected:
    void SetUp() override {
        RecordsTest::SetUp();
        for (int i = 0; i < 30; ++i) {
            insert(payment_of(10 * i));
            pass(std::chrono::seconds{1});
        }
    }

    void expect(const Case& test_case) {
        SCOPED_TRACE(test_case.name);
        storage::ListeningConnection listening{connection()};
        test_case.ask(listening);
        const auto& texts = listening.texts;
        ASSERT_GE(texts.size(), test_case.plans.size());
        for (const std::string& text : texts) {
            const std::string plan = storage::plan_of(connection(), text);
            EXPECT_EQ(plan.find("SCAN payment"), std::string::npos) << text << "\n" << plan;
        }
        std::size_t at = texts.size() - test_case.plans.size();
        for (const char* expected : test_case.plans) {
            const std::string plan = storage::plan_of(connection(), texts[at]);
            EXPECT_NE(plan.find(expected), std::string::npos) << texts[at] << "\n" << plan;
            ++at;
        }
    }
};

TEST_F(PaymentQueryPlanTest, ReadsPaymentsFromTheirIndexes) {
    for (const Case& test_case : kPaymentLists) expect(test_case);
    for (const Case& test_case : kPages) expect(test_case);
    for (const Case& test_case : kHeld) expect(test_case);
}

TEST_F(PaymentQueryPlanTest, SearchesInIndexes) {
    for (const Case& test_case : kSearches) expect(test_case);
}

TEST_F(PaymentQueryPlanTest, ReadsChargesRefundsAndDisputesFromTheirIndexes) {
    for (const Case& test_case : kMoney) expect(test_case);
}

}  // namespace
}  // namespace postern::payments
