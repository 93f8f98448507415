use super::*;

/// The places of all values, element by element as the definition says; none outside.
fn places(values: &[Dimension], tensor: &[Extent], numbers: &[i64], outside: Outside) -> Vec<Option<usize>> {
    let count: usize = values.iter().map(|dimension| dimension.size).product();
    let mut places = Vec::new();
    for value in 0..count {
        let mut rest = value;
        let mut at = vec![0; values.len()];
        for (axis, dimension) in values.iter().enumerate().rev() {
            at[axis] = rest % dimension.size;
            rest /= dimension.size;
        }
        let first: usize = at.iter().zip(values).map(|(at, dimension)| at * dimension.numbers).sum();
        let mut place = Some(0_i128);
        for (axis, extent) in tensor.iter().enumerate() {
            let own = values.iter().position(|dimension| dimension.along == Some(axis));
            let window = own.map_or(1, |index| values[index].size);
            let mut index = extent.number.map_or(0, |number| i128::from(numbers[first + number]));
            if outside == Outside::Clamp {
                index = index.clamp(0, (extent.size - window) as i128);
            }
            index += own.map_or(0, |own| at[own] as i128);
            let inside = (0..extent.size as i128).contains(&index);
            place = place.filter(|_| inside).map(|place| place + index * extent.stride as i128);
        }
        places.push(place.map(|place| place as usize));
    }
    places
}

struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}

/// Windows of any kind, with their numbers.
fn sample(random: &mut Random) -> (Vec<Dimension>, Vec<Extent>, Vec<i64>, Outside) {
    let rank = random.below(4);
    let mut tensor: Vec<Extent> =
        (0..rank).map(|_| Extent { size: 1 + random.below(4), stride: 1, number: None }).collect();
    for axis in (1..rank).rev() {
        tensor[axis - 1].stride = tensor[axis].stride * tensor[axis].size.cast_signed();
    }
    let components = if rank == 0 { 0 } else { random.below(rank + 1) };
    let mut values = Vec::new();
    for (number, extent) in tensor.iter_mut().take(components).enumerate() {
        extent.number = Some(number);
    }
    let mut among = components.max(1);
    for (axis, extent) in tensor.iter().enumerate() {
        match random.below(3) {
            0 => {
                values.push(Dimension { size: 1 + random.below(extent.size), numbers: 0, along: Some(axis) });
            }
            1 if extent.number.is_none() => {
                values.push(Dimension { size: extent.size, numbers: among, along: Some(axis) });
                among *= extent.size;
            }
            _ => {}
        }
    }
    for _ in 0..random.below(3) {
        let (size, place) = (1 + random.below(3), random.below(values.len() + 1));
        values.insert(place, Dimension { size, numbers: among, along: None });
        among *= size;
    }
    let far = [i64::MIN, i64::MAX, -1, 7];
    let number = |random: &mut Random| match random.below(8) {
        0 => far[random.below(4)],
        _ => random.below(5) as i64 - 1,
    };
    let numbers = (0..among).map(|_| number(random)).collect();
    let outside = if random.below(2) == 0 { Outside::Clamp } else { Outside::Drop };
    (values, tensor, numbers, outside)
}

#[test]
fn values_are_where_the_definition_says() {
    for seed in 0..4000 {
        let mut random = Random(seed);
        let (values, extents, numbers, outside) = sample(&mut random);
        let windows = Windows::new(&values, &extents, 0, outside).unwrap();
        let count: usize = extents.iter().map(|extent| extent.size).product();
        let tensor: Vec<u16> = (1..=count as u16).collect();
        let expected = places(&values, &extents, &numbers, outside);
        let number = |at: usize| numbers[at];
        let mut found = vec![99_u16; expected.len()];
        windows
            .gather(2, bytemuck::cast_slice(&tensor), &number, bytemuck::cast_slice_mut(&mut found))
            .unwrap();
        let values: Vec<u16> = expected.iter().map(|place| place.map_or(0, |place| tensor[place])).collect();
        assert_eq!(found, values, "seed {seed}");
        let updates: Vec<u64> = (1..=expected.len() as u64).collect();
        let mut found = vec![0_u64; count];
        // The order of the updates shows in what comes out.
        let change =
            |element: &mut u64, update: u64| *element = element.wrapping_mul(31).wrapping_add(update);
        windows.scatter(&mut found, &number, &updates, change).unwrap();
        let mut changed = vec![0_u64; count];
        for (place, update) in expected.iter().zip(&updates) {
            if let Some(place) = place {
                change(&mut changed[*place], *update);
            }
        }
        assert_eq!(found, changed, "seed {seed}");
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let extent = |size| Extent { size, stride: 1, number: Some(0) };
    let along = |size| Dimension { size, numbers: 0, along: Some(0) };
    assert!(Windows::new(&[along(3)], &[extent(2)], 0, Outside::Drop).is_none());
    assert!(Windows::new(&[along(1), along(1)], &[extent(2)], 0, Outside::Drop).is_none());
    assert!(Windows::new(&[along(1)], &[], 0, Outside::Drop).is_none());
    assert!(Windows::new(&[along(1)], &[Extent { stride: -1, ..extent(2) }], 0, Outside::Drop).is_none());
    assert!(Windows::new(&[], &[extent(0)], 0, Outside::Clamp).is_none());
    let windows = Windows::new(&[along(2)], &[Extent { stride: -1, ..extent(2) }], 1, Outside::Drop).unwrap();
    let mut values = [0; 2];
    windows.gather(1, &[5, 6], &|_| 0, &mut values).unwrap();
    assert_eq!(values, [6, 5]);
    assert!(windows.gather(1, &[5], &|_| 0, &mut values).is_err());
    assert!(windows.gather(1, &[5, 6], &|_| 0, &mut values[..1]).is_err());
}
