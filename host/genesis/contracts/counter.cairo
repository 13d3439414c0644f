// A number that anyone counts up, in Cairo 1: what a workload declares.
#[starknet::contract]
mod counter {
    use starknet::storage::{StoragePointerReadAccess, StoragePointerWriteAccess};

    #[storage]
    struct Storage {
        count: u128,
    }

    #[event]
    #[derive(Drop, starknet::Event)]
    enum Event {
        Counted: Counted,
    }

    #[derive(Drop, starknet::Event)]
    struct Counted {
        by: u128,
        count: u128,
    }

    #[constructor]
    fn constructor(ref self: ContractState, count: u128) {
        self.count.write(count);
    }

    #[external(v0)]
    fn increase(ref self: ContractState, by: u128) {
        let count = self.count.read() + by;
        self.count.write(count);
        self.emit(Counted { by, count });
    }

    #[external(v0)]
    fn count(self: @ContractState) -> u128 {
        self.count.read()
    }
}
