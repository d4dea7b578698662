#pragma once

#include "payments/records/gateway_records.hpp"
#include "tests/scenario/payments_house.hpp"
#include "tests/scenario/random.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace postern::payments::scenario {

using postern::scenario::Random;

enum class Printing : std::uint8_t { off, on };

struct WorldResult {
    std::optional<std::string> violation;
    std::int64_t steps = 0;
    std::int64_t payments = 0;
    std::int64_t told = 0;
    std::int64_t crashes = 0;
    std::int64_t heard = 0;
};

// One simulated world: merchants, customers, a provider far away whose answers and webhooks are
// late, doubled, out of order or lost, and crashes between and within transactions. After every
// step the books must balance; at the end every payment is where its provider says.
class PaymentsWorld {
 public:
    PaymentsWorld(std::uint64_t seed, Printing printing) : random_{seed}, printing_{printing} {}
    WorldResult run();

 private:
    // A webhook on its way.
    struct Letter {
        storage::GatewayNumber gateway;
        TimePoint due_at;
        UnifiedEvent event;
    };
    // An answer on its way.
    struct LateAnswer {
        OrderId order;
        GatewayAnswer answer;
    };

    void step();
    void come_to_rest();
    bool is_at_rest();

    // Merchants and customers (payments_merchants.cpp).
    void command();
    void create();
    void confirm();
    void capture();
    void cancel();
    void refund();
    void visit_page();
    void answer_dispute();
    void play_bank();
    void pay_out();
    void transfer();
    void keep_customers();

    // The outside world.
    void pass(Microseconds time);
    void collect_mail();
    void deliver(std::size_t letter);
    void hear(const Letter& letter);
    void ask_order();
    void ask(const OrderRow& row);
    void take_answer(const LateAnswer& late);
    void do_what_is_due();
    void crash();

    // payments_checks.cpp
    void check_step();
    void check_end();
    void check_payments();
    void check_announcements();
    void check_provider();
    std::int64_t told(std::string_view name, std::int64_t subject) const;
    void expect_told(std::string_view name, const std::string& subjects, std::int64_t times);
    void expect_none(std::string_view what, const std::string& sql);

    House::Fate any_fate();
    // A command, which may be refused, and then has written nothing.
    template <class Run>
    auto perform(std::string_view what, Run run) {
        const House::Fate its_fate = any_fate();
        const std::int64_t rows = house_.number("SELECT total_changes()");
        auto result = house_.work(its_fate, run);
        note(what, result.has_value() ? "done" : "refused");
        if (result.has_error() && result.error().refusal() == nullptr)
            violate("store error", std::string{what});
        if (result.has_error() && house_.number("SELECT total_changes()") != rows) {
            violate("a refusal wrote something", std::string{what});
        }
        if (its_fate == House::Fate::crashes) crash();
        collect_mail();
        return result;
    }
    // What must not fail.
    template <class Run>
    auto must(std::string_view what, Run run) {
        const House::Fate its_fate = any_fate();
        auto result = house_.work(its_fate, run);
        note(what, its_fate == House::Fate::crashes ? "crashed" : "done");
        if (result.has_error()) violate("store error", std::string{what});
        if (its_fate == House::Fate::crashes) crash();
        collect_mail();
        return std::pair{its_fate, std::move(result)};
    }
    std::optional<std::int64_t> any(const std::string& sql);
    void note(std::string_view what, const std::string& detail);
    void violate(std::string_view what, const std::string& detail);

    Random random_;
    Printing printing_;
    House house_;
    std::vector<Letter> mail_;
    std::vector<LateAnswer> late_answers_;
    enum class Weather : std::uint8_t { bad, good } weather_ = Weather::bad;
    WorldResult result_;
};

}  // namespace postern::payments::scenario
