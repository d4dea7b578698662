#include "tests/unit/dispatch/engine_rig.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace postern::dispatch {

using storage::DeliveryRow;

AttemptResult answer(int status) {
    const AnswerMeaning meaning = meaning_of({.status = status}, from_unix_seconds(0));
    AttemptResult result;
    result.status = status;
    result.error = status == 0 ? storage::AttemptError::timeout : meaning.error;
    result.wish = meaning.wish;
    return result;
}

EngineRig::EngineRig(EngineLimits limits)
    : engine{limits, [] {
                 return 0.5;
             }} {}

std::shared_ptr<Endpoint> EngineRig::make_endpoint(std::int64_t id, const Settings& change) const {
    auto endpoint = std::make_shared<Endpoint>();
    endpoint->id = EndpointId{id};
    endpoint->url = "https://host" + std::to_string(id) + ".example/hook";
    if (change) change(endpoint->settings);
    return endpoint;
}

EndpointId EngineRig::add_endpoint(std::int64_t id, const Settings& change) {
    engine.put_endpoint(make_endpoint(id, change), std::nullopt, {});
    return EndpointId{id};
}

DeliveryRow EngineRig::scheduled(EndpointId endpoint) {
    NewDelivery delivery;
    delivery.event = EventId{static_cast<std::int64_t>(table.rows.size()) + 1};
    delivery.endpoint = endpoint;
    return *schedule_delivery(table, delivery);
}

DueItem EngineRig::item_of(const DeliveryRow& row) const {
    DueItem item = due_item_of(row);
    auto content = std::make_shared<EventContent>();
    content->id = row.event;
    content->type = "payment.succeeded";
    content->object = "{}";
    item.content = std::move(content);
    return item;
}

DeliveryRow EngineRig::offered(EndpointId endpoint) {
    const DeliveryRow row = scheduled(endpoint);
    engine.offer(item_of(row));
    return row;
}

void EngineRig::poll() {
    std::vector<EngineAction> actions;
    engine.poll(table.time, actions);
    for (EngineAction& action : actions) {
        if (auto* start = std::get_if<StartAttempt>(&action)) {
            begun.push_back(start->item.delivery);
            started.push_back(std::move(*start));
        } else if (auto* load = std::get_if<LoadDue>(&action)) {
            loads.push_back(*load);
        } else if (const auto* want = std::get_if<WantLane>(&action)) {
            wanted.push_back(want->nudge);
        } else if (const auto* lane = std::get_if<GiveBackLane>(&action)) {
            given_back.push_back(*lane);
        } else {
            records.push_back(std::move(std::get<RecordEnd>(action)));
        }
    }
}

void EngineRig::advance(std::chrono::microseconds duration) {
    table.time += duration;
    poll();
}

void EngineRig::settle() {
    poll();
    while (!loads.empty() || !records.empty()) {
        while (!loads.empty()) answer_load();
        write_all();
        poll();
    }
}

void EngineRig::run_for(std::chrono::microseconds duration, int status) {
    const TimePoint end = table.time + duration;
    for (;;) {
        settle();
        while (!started.empty()) {
            end_all(status);
            settle();
        }
        const auto wake = engine.next_wake();
        if (!wake || *wake > end) break;
        ASSERT_GT(*wake, table.time) << "the engine wakes for nothing";
        table.time = *wake;
    }
    table.time = end;
}

storage::DueRows EngineRig::read(const storage::DueQuery& query) const {
    std::vector<const DeliveryRow*> due;
    for (const auto& [id, row] : table.rows) {
        if (row.endpoint == query.endpoint && row.queue == query.queue) due.push_back(&row);
    }
    std::stable_sort(due.begin(), due.end(), [](const DeliveryRow* a, const DeliveryRow* b) {
        return a->due_at < b->due_at;
    });
    storage::DueRows rows;
    for (const DeliveryRow* row : due) {
        if (row->due_at > query.due_until || rows.rows.size() == query.rows_max) {
            rows.next_due = row->due_at;
            break;
        }
        rows.rows.push_back(*row);
    }
    return rows;
}

void EngineRig::answer_load() {
    const LoadDue load = loads.front();
    loads.pop_front();
    engine.loaded(load.query, read(load.query));
}

void EngineRig::end(DeliveryId delivery, int status) {
    const auto found =
        std::find_if(started.begin(), started.end(), [delivery](const StartAttempt& start) {
            return start.item.delivery == delivery;
        });
    ASSERT_NE(found, started.end()) << delivery.value << " is not under way";
    started.erase(found);
    engine.attempt_ended(delivery, answer(status), table.time);
}

void EngineRig::end_all(int status) {
    const std::vector<StartAttempt> ending = std::exchange(started, {});
    for (const StartAttempt& start : ending) {
        engine.attempt_ended(start.item.delivery, answer(status), table.time);
    }
}

void EngineRig::write() {
    const RecordEnd record = std::move(records.front());
    records.pop_front();
    const auto recorded = record_finished(table, record.finished);
    ASSERT_TRUE(recorded.has_value());
    engine.recorded(record.finished.delivery, *recorded);
    written.push_back(record);
}

void EngineRig::write_all() {
    while (!records.empty()) write();
}

std::vector<std::int64_t> EngineRig::started_ids() const {
    std::vector<std::int64_t> ids;
    for (const StartAttempt& start : started) ids.push_back(start.item.delivery.value);
    return ids;
}

std::size_t EngineRig::count_open() const {
    return static_cast<std::size_t>(std::count_if(
        table.rows.begin(),
        table.rows.end(),
        [](const auto& entry) { return is_open(entry.second.state); }
    ));
}

}  // namespace postern::dispatch
