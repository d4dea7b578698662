#include "payments/service/balance_service.hpp"
#include "tests/unit/payments/dialects/rcommerce/rcommerce_fixture.hpp"

namespace postern::payments::rcommerce {
namespace {

class RcommerceDisputes : public RcommerceTest {
 protected:
    // The id of a dispute about a payment that was just made.
    std::string dispute() {
        const Answer made = post("/api/v1/payments", older_body(kGoodCard));
        const auto id = read_id<PaymentId>(around_->ids, made.text("id"));
        const Owner owner{storage::kDefaultAccount, storage::Livemode::test};
        storage::WriteConnection& connection = database_->writer();
        EXPECT_TRUE(connection.begin().has_value());
        storage::Transaction transaction{{connection, database_->ids(), clock_.at}};
        Work work{transaction, *around_, door_, owner, {}};
        const auto payment = load_payment(work.books(), id.value_or(PaymentId{}));
        EXPECT_TRUE(payment.has_value());
        const auto opened = open_dispute(work, payment->payment, {.gateway_dispute_id = "dp_1x"});
        EXPECT_TRUE(opened.has_value());
        EXPECT_TRUE(connection.commit().has_value());
        payment_id_ = made.text("payment_id");
        return opened ? bare_uuid(around_->ids, opened->id) : "";
    }
    static std::string path(const std::string& id, std::string_view below = {}) {
        return "/api/v1/disputes/" + id + std::string{below};
    }

    std::string payment_id_;
};

TEST_F(RcommerceDisputes, ShowsADispute) {
    const std::string id = dispute();
    for (const std::string& spelling : {id, "dp_" + id}) {
        const Answer found = get(path(spelling));
        EXPECT_EQ(found.status(), 200) << found.body();
        EXPECT_EQ(found.text("id"), id);
        EXPECT_EQ(found.text("dispute_id"), "dp_" + id);
        EXPECT_EQ(found.text("gateway_dispute_id"), "dp_1x");
        EXPECT_EQ(found.text("payment_id"), payment_id_);
        EXPECT_EQ(found.text("amount"), "59.49");
        EXPECT_EQ(found.text("currency"), "USD");
        EXPECT_EQ(found.text("status"), "needs_response");
        EXPECT_EQ(found.text("reason"), "fraudulent");
    }
    EXPECT_EQ(get("/api/v1/payments/" + payment_id_).text("dispute.id"), id);
}

TEST_F(RcommerceDisputes, ListsThem) {
    dispute();
    const std::string second = dispute();
    const Answer list = get("/api/v1/disputes?per_page=1");
    EXPECT_EQ(list.at("meta.pagination.total").integer(), 2) << list.body();
    EXPECT_EQ(list.text("data.0.id"), second);
    EXPECT_EQ(get("/api/v1/disputes?status=won").at("data").size(), 0U);
    EXPECT_EQ(get("/api/v1/disputes?payment_id=" + payment_id_).at("data").size(), 1U);
    EXPECT_EQ(
        get("/api/v1/disputes?status=lost_and_found").fields(), std::vector<std::string>{"status"}
    );
}

TEST_F(RcommerceDisputes, TakesEvidenceByItsNamesHere) {
    const std::string id = dispute();
    const Answer answer = post(
        path(id, "/evidence"),
        R"({"product_description":"优质棉质 T 恤","customer_email":"customer@example.com",)"
        R"("shipping_date":"2024-01-16","shipping_carrier":"UPS",)"
        R"("shipping_tracking_number":"1Z999","access_activity_log":"客户访问数字下载 3 次",)"
        R"("uncategorized_text":"其他说明","uncategorized_file":"file_1"})"
    );
    EXPECT_EQ(answer.status(), 200) << answer.body();
    EXPECT_EQ(answer.text("status"), "under_review");
    EXPECT_EQ(answer.text("evidence.product_description"), "优质棉质 T 恤");
    EXPECT_EQ(answer.text("evidence.customer_email"), "customer@example.com");
    EXPECT_EQ(answer.text("evidence.shipping_carrier"), "UPS");
    EXPECT_EQ(answer.text("evidence.uncategorized_file"), "file_1");
    EXPECT_EQ(answer.at("evidence").size(), 8U);
}

TEST_F(RcommerceDisputes, NamesWhatIsWrong) {
    const std::string id = dispute();
    EXPECT_EQ(post(path(id, "/evidence")).code(), "VALIDATION_ERROR");
    const Answer unknown = post(path(id, "/evidence"), R"({"alibi":"x"})");
    EXPECT_EQ(unknown.fields().front(), "alibi");
    for (const char* below : {"", "/evidence"}) {
        const std::string_view method = *below == '\0' ? "GET" : "POST";
        const Answer absent =
            ask({method, path("nothing", below), R"({"uncategorized_text":"x"})"});
        EXPECT_EQ(absent.status(), 404);
        EXPECT_EQ(absent.code(), "DISPUTE_NOT_FOUND");
    }
    const std::string strange = bare_uuid(around_->ids, DisputeId{7});
    EXPECT_EQ(get(path(strange)).code(), "DISPUTE_NOT_FOUND");
}

}  // namespace
}  // namespace postern::payments::rcommerce
