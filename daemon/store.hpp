#pragma once

#include "core/ids.hpp"
#include "net/runtime.hpp"
#include "storage/database.hpp"
#include "storage/reader_pool.hpp"
#include "storage/writer.hpp"

#include <functional>
#include <optional>

// The store as coroutines see it: hand something over, be resumed on the same io thread when it is
// done. Work runs on storage's own threads.
namespace postern::daemon {

struct Store {
    storage::Database& database;
    storage::Writer& writer;
    storage::ReaderPool& readers;
    IdCodec ids;
};

using StoreResult = Result<void, storage::StoreError>;

// Runs on a reader's thread; what it captures by reference lives in the waiting coroutine.
using ReadWork = std::function<StoreResult(storage::Connection&)>;
net::Task<StoreResult> read_store(Store& store, net::IoThread& thread, ReadWork work);

// Runs on the writer's thread, perhaps more than once before it commits.
using WriteWork = std::function<StoreResult(storage::Transaction&)>;
using WriteResult = Result<storage::Committed, storage::StoreError>;
// Asked at the beginning of each step of what one node does for all: an error where it does not any
// more. Empty: there is only this node.
using StepGuard = std::function<StoreResult(storage::Transaction&)>;
net::Task<WriteResult> write_store(Store& store, net::IoThread& thread, WriteWork work);

}  // namespace postern::daemon
