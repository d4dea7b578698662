#include "tests/scenario/writer.hpp"

#include <algorithm>
#include <utility>

namespace postern::scenario {
namespace {

constexpr std::int64_t kFailsInTrouble = 2;
constexpr std::int64_t kStatementsMax = 5;
constexpr Span kAnswerDelay{std::chrono::microseconds{1}, std::chrono::milliseconds{5}};
// Now and then one is overtaken by whatever happens in the meantime.
constexpr Span kLateAnswerDelay{std::chrono::milliseconds{5}, std::chrono::milliseconds{400}};
constexpr std::int64_t kAnswersForALateOne = 20;

}  // namespace

void Writer::submit(Unit unit) {
    waiting_.push_back(std::move(unit));
    if (waiting_.size() == 1) commit_soon();
}

void Writer::commit_soon() {
    Microseconds at = agenda_.now();
    at += random_.within({std::chrono::microseconds{100}, trouble_.faults.commit_delay_max});
    at = std::max(at, trouble_.stalled_until);
    agenda_.at(at, [life = weak_from_this()] {
        if (const auto self = life.lock()) self->commit_group();
    });
}

void Writer::commit_group() {
    std::vector<Unit> group;
    std::swap(group, waiting_);
    for (Unit& unit : group) {
        const Unit::End end = run(unit);
        if (end == Unit::End::committed && unit.committed) unit.committed();
        agenda_.at(
            answer_time(unit.answer),
            [life = weak_from_this(), end, done = std::move(unit.done)] {
                if (!life.expired()) done(end);
            }
        );
    }
}

Microseconds Writer::answer_time(Unit::Answer answer) {
    const bool late = random_.one_in(kAnswersForALateOne);
    const Microseconds soon =
        agenda_.now() + random_.within(late ? kLateAnswerDelay : kAnswerDelay);
    const Microseconds at = std::max(answered_until_, soon);
    if (answer == Unit::Answer::in_order) answered_until_ = at;
    return at;
}

Unit::End Writer::run(const Unit& unit) {
    std::int64_t fails_in = trouble_.faults.unit_fails_in;
    if (agenda_.now() < trouble_.failing_until) fails_in = kFailsInTrouble;
    const bool fails = fails_in != 0 && random_.one_in(fails_in);
    // Some fail in the middle, some only when everything seems done.
    store_.fail_statement(fails && !random_.one_in(3) ? 1 + random_.below(kStatementsMax) : 0);
    store_.begin();
    const auto done = unit.run();
    if (!done || fails) {
        store_.roll_back();
        return Unit::End::failed;
    }
    store_.commit();
    return Unit::End::committed;
}

}  // namespace postern::scenario
