#include "daemon/order_runner.hpp"

#include "daemon/blocking_write.hpp"
#include "tests/unit/daemon/payment_fixture.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include <future>

namespace postern::daemon {
namespace {

using payments::OrderId;
using payments::OrderRow;

class OrderRunnerTest : public PaymentFixture {
 protected:
    OrderId insert_order(std::int64_t gateway) {
        OrderRow row{
            .owner = {.account = AccountId{1}},
            .gateway = storage::GatewayNumber{gateway},
            .payment = payments::PaymentId{1},
            .due_at = clock_.now() + std::chrono::hours{1}};
        change([&row](storage::Transaction& transaction) {
            return payments::insert_order(transaction, row);
        });
        return row.id;
    }
    void delete_order(OrderId id) {
        change([id](storage::Transaction& transaction) {
            return payments::delete_order(transaction, id);
        });
    }
    std::future<void> wait_for(OrderId id, std::chrono::milliseconds patience) {
        net::IoThread& thread = runtime_->thread(0);
        return boost::asio::co_spawn(
            thread.context(), orders_->wait_for({id}, patience, thread), boost::asio::use_future
        );
    }
    static constexpr std::chrono::milliseconds kLong{60'000};
};

TEST_F(OrderRunnerTest, LetsWhoeverWaitsGoWhenTheOrderWasSettledBefore) {
    open_payments();
    const OrderId id = insert_order(99);
    delete_order(id);
    wait_for(id, kLong).get();
}

TEST_F(OrderRunnerTest, LetsWhoeverWaitsGoWhenAWebhookSettledIt) {
    open_payments();
    const OrderId id = insert_order(99);
    auto waiting = wait_for(id, kLong);
    delete_order(id);
    // Whether it had begun to wait or not when the order went: it is told.
    orders_->look_again();
    waiting.get();
}

TEST_F(OrderRunnerTest, LetsWhoeverWaitsGoInTime) {
    open_payments();
    wait_for(insert_order(99), std::chrono::milliseconds{1}).get();
}

TEST_F(OrderRunnerTest, LetsEverybodyGoAtItsEnd) {
    open_payments();
    auto waiting = wait_for(insert_order(99), kLong);
    orders_->stop();
    waiting.get();
    wait_for(insert_order(99), kLong).get();
}

// What a crash leaves behind: an order that was never answered.
class EarlierProcess : public OrderRunnerTest {
 protected:
    // The id of the payment whose order is left.
    std::string end_before_the_answer() {
        config_.payments.sandbox_latency = std::chrono::milliseconds{1};
        orders_are_ = Orders::rest;
        open_payments();
        orders_->stop();
        const auto payment = pay();
        EXPECT_EQ(payment["status"].string(), "processing") << payment.reply.body;
        orders_->stop();
        orders_.emplace(OrderRunner::Parts{
            .store = *payment_store_,
            .clock = clock_,
            .around = surroundings_->everything(),
            .metrics = metrics_});
        return std::string{payment["id"].string()};
    }
    OrderRow left_order() {
        OrderRow left;
        change([&left, this](storage::Transaction& transaction) -> StoreResult {
            const auto due = payments::due_orders(transaction.connection(), clock_.now(), 10);
            if (!due) return due.error();
            EXPECT_EQ(due->size(), 1U);
            left = due->front();
            return {};
        });
        return left;
    }
    void expect_success_of(const std::string& payment) {
        EXPECT_EQ(get("/v1/payment_intents/" + payment)["status"].string(), "succeeded");
    }
};

TEST_F(EarlierProcess, HasWhatItDidNotAskCarriedOut) {
    const std::string payment = end_before_the_answer();
    const OrderId left = left_order().id;
    orders_->start();
    wait_for(left, kLong).get();
    expect_success_of(payment);
    const std::string metrics = metrics_.render();
    for (const char* step : {"step=\"asked\"} 1", "step=\"answered\"} 1"}) {
        EXPECT_NE(metrics.find(step), std::string::npos) << step;
    }
}

TEST_F(EarlierProcess, HasWhatItAskedAskedAgainAtOnce) {
    const std::string payment = end_before_the_answer();
    const OrderId left = left_order().id;
    change([this, left](storage::Transaction& transaction) {
        const TimePoint again_at = clock_.now() + std::chrono::hours{1};
        return payments::postpone_order(transaction, left, again_at);
    });
    orders_->start();
    wait_for(left, kLong).get();
    expect_success_of(payment);
}

// The runner of a node that did not make the order, which is node 0's.
class AnotherNode : public EarlierProcess {
 protected:
    AnotherNode() {
        neighbours_.own_number = [] {
            return 5U;
        };
        neighbours_.leads = [this] {
            return leads_.load();
        };
        neighbours_.others = [this] {
            return others_;
        };
    }
    void become_another_node() {
        orders_.emplace(OrderRunner::Parts{
            .store = *payment_store_,
            .clock = clock_,
            .around = surroundings_->everything(),
            .metrics = metrics_,
            .neighbours = &neighbours_});
    }
    bool is_asked(OrderId id) {
        std::int64_t asked = 0;
        change([&asked, id](storage::Transaction& transaction) -> StoreResult {
            const auto row = payments::find_order(transaction.connection(), id);
            if (!row) return row.error();
            asked = *row ? (*row)->asked : 1;
            return {};
        });
        return asked > 0;
    }

    bool is_due(OrderId id) {
        bool due = false;
        change([&due, id, this](storage::Transaction& transaction) -> StoreResult {
            const auto row = payments::find_order(transaction.connection(), id);
            if (!row) return row.error();
            due = *row && (*row)->due_at <= clock_.now();
            return {};
        });
        return due;
    }

    std::atomic<bool> leads_{false};
    std::vector<unsigned> others_{0};
    Neighbours neighbours_;
};

TEST_F(AnotherNode, LeavesWhatItDidNotMakeToItsMaker) {
    end_before_the_answer();
    const OrderId left = left_order().id;
    become_another_node();
    clock_.advance(std::chrono::hours{1});
    orders_->start();
    // It has looked when it lets a waiting request go.
    wait_for(insert_order(99), std::chrono::milliseconds{1}).get();
    EXPECT_FALSE(is_asked(left));
}

TEST_F(AnotherNode, AsksForWhatADeadNodeLeftWhenItLeads) {
    const std::string payment = end_before_the_answer();
    const OrderId left = left_order().id;
    become_another_node();
    leads_ = true;
    clock_.advance(std::chrono::hours{1});
    orders_->start();
    wait_for(left, kLong).get();
    expect_success_of(payment);
}

TEST_F(AnotherNode, RecallsWhatWasAskedUnlessItsMakerLives) {
    struct RecallCase {
        const char* name;
        std::vector<unsigned> others;
        bool recalls;
    };
    const RecallCase cases[] = {
        {"the maker lives", {0, 9}, false},
        {"only others live", {9, 63}, true},
        {"nobody else lives", {}, true},
    };
    end_before_the_answer();
    const OrderId left = left_order().id;
    for (const RecallCase& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        change([this, left](storage::Transaction& transaction) {
            const TimePoint again_at = clock_.now() + std::chrono::hours{1};
            return payments::postpone_order(transaction, left, again_at);
        });
        others_ = test_case.others;
        become_another_node();
        orders_->start();
        wait_for(insert_order(99), std::chrono::milliseconds{1}).get();
        orders_->stop();
        EXPECT_EQ(is_due(left), test_case.recalls);
    }
}

TEST_F(AnotherNode, LetsGoWhoeverWaitsForWhatWasSettledElsewhere) {
    open_payments();
    orders_->stop();
    become_another_node();
    orders_->start();
    const OrderId id = insert_order(99);
    auto waiting = wait_for(id, kLong);
    delete_order(id);  // and nobody tells
    waiting.get();
}

}  // namespace
}  // namespace postern::daemon
